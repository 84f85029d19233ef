"""Django application of the city."""

from django.apps import AppConfig


class CityConfig(AppConfig):
    """Areas, grids, catalogues, components and addresses of one city."""

    name = "chengyun.city"
    label = "city"
    verbose_name = "City"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from chengyun.city.actions.photos import PURPOSE, may_see_photo
        from chengyun.core.attachments import register_guard

        register_guard(PURPOSE, may_see_photo)
