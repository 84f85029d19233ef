from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "chengyun.core"
    label = "core"
    verbose_name = "基础 Core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import sign_in

        sign_in.watch()
