from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "chengyun.governance"
    label = "governance"
    verbose_name = "一网统管 Governance"

    def ready(self) -> None:
        from chengyun.city import find, ogc, tiles
        from chengyun.governance import collections, guards
        from chengyun.governance import find as finders
        from chengyun.governance.tiles import Cases

        guards.register()
        tiles.register(Cases())
        ogc.register(collections.Cases())
        find.register(finders.Cases())
