"""The Django admin of the city: to look things up. The city folder is where they are changed."""

from typing import Any, ClassVar

from django.contrib import admin

from chengyun.city.models import (
    Address,
    Area,
    Component,
    ComponentClass,
    DutyGrid,
    Edition,
    Matter,
    UnitGrid,
)
from chengyun.core.admin import ReadOnly


class LookUp(ReadOnly):
    """Administrators may read; writing goes through `chengyun load` and `chengyun import`."""

    # Outlines are for maps, and the admin's map would be fetched from the internet.
    exclude: ClassVar[Any] = ("geom",)
    show_full_result_count = False


@admin.register(Area)
class AreaAdmin(LookUp):
    list_display = ("code", "name_zh", "name_en", "level", "parent")
    list_filter = ("level",)
    list_select_related = ("parent",)
    search_fields = ("code", "name_zh", "name_en")


@admin.register(UnitGrid)
class UnitGridAdmin(LookUp):
    list_display = ("code", "community", "area_m2", "valid_from", "valid_until")
    list_select_related = ("community",)
    search_fields = ("code",)


@admin.register(DutyGrid)
class DutyGridAdmin(LookUp):
    list_display = ("code", "name", "kind", "organisation")
    list_filter = ("kind",)
    list_select_related = ("organisation",)
    search_fields = ("code", "name")
    exclude = ("unit_grids", "users")
    readonly_fields = ("members",)

    @admin.display(description="unit grids and users")
    def members(self, grid: DutyGrid) -> str:
        """How many unit grids and people belong to it."""
        return f"{grid.unit_grids.count()} / {grid.users.count()}"


@admin.register(Edition)
class EditionAdmin(LookUp):
    list_display = ("code", "name_zh", "class_width", "subclass_width", "is_default")
    exclude = ()


@admin.register(ComponentClass)
class ComponentClassAdmin(LookUp):
    list_display = ("code", "name_zh", "name_en", "class_zh", "edition", "extension")
    list_filter = ("edition", "extension")
    list_select_related = ("edition",)
    search_fields = ("name_zh", "name_en")
    exclude = ()


@admin.register(Matter)
class MatterAdmin(LookUp):
    list_display = ("code", "name_zh", "name_en", "class_zh", "edition", "extension", "active")
    list_filter = ("edition", "kind", "extension", "active")
    list_select_related = ("edition",)
    search_fields = ("code", "name_zh", "name_en")
    exclude = ()


@admin.register(Component)
class ComponentAdmin(LookUp):
    list_display = ("code", "name", "state", "unit_grid")
    list_filter = ("state",)
    list_select_related = ("unit_grid",)
    search_fields = ("=code",)


@admin.register(Address)
class AddressAdmin(LookUp):
    list_display = ("full_text", "kind", "area")
    list_filter = ("kind",)
    list_select_related = ("area",)
    search_fields = ("full_text",)
