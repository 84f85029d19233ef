"""The Django admin of governance: rules for administrators; cases to look at, never to change."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from chengyun.core.access import scope_of
from chengyun.core.admin import ByAdministrators, ReadOnly, actor_of
from chengyun.core.models import User
from chengyun.governance.actions.standards import delete_rule, save_rule
from chengyun.governance.models import (
    Case,
    CaseRecord,
    DeskLimit,
    ImportRun,
    Report,
    Responsibility,
    Standard,
)
from chengyun.governance.queries import visible_cases


class RuleAdmin(ByAdministrators):
    """Written through the actions, so that every change is audited."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        save_rule(actor=actor_of(request), rule=obj)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        delete_rule(actor=actor_of(request), rule=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for rule in queryset:
            delete_rule(actor=actor_of(request), rule=rule)


@admin.register(Standard)
class StandardAdmin(RuleAdmin):
    list_display = (
        "matter", "condition_zh", "limit_class", "limit", "unit", "version", "valid_from",
        "valid_until",
    )  # fmt: skip
    list_filter = ("unit", "limit_class")
    list_select_related = ("matter",)
    search_fields = ("matter__code", "matter__name_zh", "condition_zh")
    raw_id_fields = ("matter",)


@admin.register(Responsibility)
class ResponsibilityAdmin(RuleAdmin):
    list_display = ("matter_token", "area_code", "organisation")
    list_select_related = ("organisation",)
    search_fields = ("matter_token", "area_code", "organisation__name_zh")
    autocomplete_fields = ("organisation",)


@admin.register(DeskLimit)
class DeskLimitAdmin(RuleAdmin):
    list_display = ("stage", "limit", "unit")


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnly):
    list_display = (
        "source", "file_name", "started_at", "finished_at", "rows_in", "rows_known",
        "rows_rejected",
    )  # fmt: skip


class OfMyCases(ReadOnly):
    """Whoever may see a case sees it here too, by the same predicate."""

    show_full_result_count = False

    def _may(self, request: HttpRequest) -> bool:
        user = getattr(request.user, "_wrapped", request.user)
        return isinstance(user, User) and user.is_active and bool(scope_of(user).clauses)

    def cases(self, request: HttpRequest) -> QuerySet[Case]:
        return visible_cases(actor_of(request).scope)


class RecordInline(admin.TabularInline):  # type: ignore[type-arg]
    model = CaseRecord
    fk_name = "case"
    extra = 0
    can_delete = False
    fields = readonly_fields = (
        "seq", "at", "operation", "from_state", "to_state", "actor_label", "actor_role",
        "timed_out", "used_seconds", "opinion",
    )  # fmt: skip

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True  # the case itself was permitted

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Case)
class CaseAdmin(OfMyCases):
    list_display = (
        "__str__", "state", "matter", "department", "district_code", "reported_at",
        "stage_due_at",
    )  # fmt: skip
    list_filter = ("state", "channel", "warned")
    list_select_related = ("matter", "department")
    search_fields = ("number",)
    ordering = ("-id",)
    inlines = (RecordInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        return self.cases(request)


@admin.register(Report)
class ReportAdmin(OfMyCases):
    list_display = ("number", "channel", "case", "reported_at", "text")
    list_filter = ("channel",)
    list_select_related = ("case",)
    search_fields = ("number",)
    ordering = ("-id",)
    exclude = ("contact",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        return Report.objects.filter(case__in=self.cases(request))
