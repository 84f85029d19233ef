from django.contrib import admin

from chengyun.open311.models import Open311Attribute, Open311Service


@admin.register(Open311Service)
class ServiceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("matter", "kind", "listed")
    list_filter = ("kind", "listed")
    list_select_related = ("matter",)
    raw_id_fields = ("matter",)


@admin.register(Open311Attribute)
class AttributeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("matter", "order", "code", "datatype", "required", "description_zh")
    list_filter = ("datatype", "required")
    list_select_related = ("matter",)
    search_fields = ("code", "description_zh", "matter__name_zh")
    raw_id_fields = ("matter",)
