"""Django application of the city."""

from django.apps import AppConfig


class CityConfig(AppConfig):
    """Areas, grids, catalogues, components and addresses of one city."""

    name = "chengyun.city"
    label = "city"
    verbose_name = "City"
    default_auto_field = "django.db.models.BigAutoField"
