"""The Django admin of core: for administrators, and every write goes through an action."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from .access import scope_of
from .actions import (
    create_user,
    deactivate_user,
    grant_role,
    retry_message,
    revoke_grant,
    revoke_token,
    save_calendar,
    save_organisation,
    set_password,
    update_user,
)
from .actor import Actor
from .http import client_ip, request_id
from .models import (
    ApiToken,
    AuditEntry,
    AuditSeal,
    CalendarDay,
    Grant,
    Organisation,
    OutboxMessage,
    Role,
    User,
    WorkCalendar,
)
from .outbox import masked_recipient
from .problems import Problem


def _may_enter(request: HttpRequest) -> bool:
    """Administrators, and who was let in by name: which tables open is the post's business."""
    user: Any = request.user
    return user.is_active and (user.is_staff or _administers(request))


def _sign_in(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """By allauth: the admin's own login knows neither second factor nor rate limit."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME, reverse("admin:index")))
    if not _may_enter(request):
        raise PermissionDenied
    return redirect("admin:index")


admin.site.has_permission = _may_enter  # type: ignore[method-assign]
admin.site.login = _sign_in  # type: ignore[method-assign]


def actor_of(request: HttpRequest) -> Actor:
    user: Any = request.user
    return Actor.of(
        getattr(user, "_wrapped", user), ip=client_ip(request), request_id=request_id(request)
    )


class AdministratorsOnly:
    """Open to the post of administrator, whatever Django's own permissions say."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _administers(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return _administers(request)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return _administers(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return _administers(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def _administers(request: HttpRequest) -> bool:
    user: Any = request.user
    return user.is_active and Role.ADMINISTRATOR in scope_of(user).roles()


class ByAdministrators(AdministratorsOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """A table that is written by actions; their refusals are shown as messages."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Problem as problem:  # the action refused, its transaction is rolled back
            self.message_user(request, f"{problem.zh} {problem.en}", messages.ERROR)
            return redirect(request.get_full_path())

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().changelist_view(request, extra_context)
        except Problem as problem:
            self.message_user(request, f"{problem.zh} {problem.en}", messages.ERROR)
            return redirect(request.get_full_path())


class ReadOnly(ByAdministrators):
    """To look at, not to change."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Organisation)
class OrganisationAdmin(ByAdministrators):
    list_display = ("code", "name_zh", "name_en", "kind", "active")
    list_filter = ("kind", "active")
    search_fields = ("code", "name_zh", "name_en")
    autocomplete_fields = ("parent",)
    fields = ("code", "name_zh", "name_en", "kind", "parent", "active")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        saved = save_organisation(
            actor=actor_of(request),
            code=obj.code,
            name_zh=obj.name_zh,
            name_en=obj.name_en,
            kind=obj.kind,
            parent=obj.parent,
            active=obj.active,
        )
        obj.pk = saved.pk


class UserForm(forms.ModelForm):  # type: ignore[type-arg]
    new_password = forms.CharField(
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="留空则不更改（empty: unchanged）",
    )

    class Meta:
        model = User
        fields = (
            "username",
            "display_name",
            "email",
            "organisation",
            "language",
            "is_staff",
            "is_active",
        )
        widgets = {"username": forms.TextInput, "display_name": forms.TextInput}


@admin.register(User)
class UserAdmin(ByAdministrators):
    form = UserForm
    list_display = ("username", "display_name", "organisation", "is_active", "is_staff")
    list_filter = ("is_active", "is_staff")
    list_select_related = ("organisation",)
    search_fields = ("username", "display_name")
    autocomplete_fields = ("organisation",)
    actions = ("deactivate",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("username",) if obj else ("is_active",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        actor, password = actor_of(request), form.cleaned_data.get("new_password") or None
        fields = ("display_name", "email", "organisation", "language", "is_staff")
        given = {name: getattr(obj, name) for name in fields}
        if not change:
            obj.pk = create_user(actor=actor, username=obj.username, password=password, **given).pk
            return
        user = update_user(actor=actor, user=obj, is_active=obj.is_active, **given)
        if password:
            set_password(actor=actor, user=user, password=password)

    @admin.action(description="停用所选用户（deactivate）")
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            deactivate_user(actor=actor_of(request), user=user)


@admin.register(Grant)
class GrantAdmin(ByAdministrators):
    list_display = ("user", "role", "organisation", "area_code", "matter_code", "valid_until")
    list_filter = ("role",)
    list_select_related = ("user", "organisation")
    search_fields = ("user__username", "area_code", "matter_code")
    autocomplete_fields = ("user", "organisation")
    actions = ("revoke",)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False  # a post is taken away and given anew, so that both are in the audit

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        saved = grant_role(
            actor=actor_of(request),
            user=obj.user,
            role=obj.role,
            organisation=obj.organisation,
            area_code=obj.area_code,
            matter_code=obj.matter_code,
            valid_from=obj.valid_from,
            valid_until=obj.valid_until,
        )
        obj.pk = saved.pk

    @admin.action(description="撤销所选岗位（revoke）")
    def revoke(self, request: HttpRequest, queryset: QuerySet[Grant]) -> None:
        for grant in queryset:
            revoke_grant(actor=actor_of(request), grant=grant)


class DayInline(AdministratorsOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = CalendarDay
    extra = 0

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return _administers(request)


@admin.register(WorkCalendar)
class WorkCalendarAdmin(ByAdministrators):
    list_display = ("code", "name_zh", "zone", "is_default", "version")
    inlines = (DayInline,)
    fields = ("code", "name_zh", "name_en", "zone", "duty", "is_default")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The calendar and its days are one action: `save_related` does both."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        rows = [
            line.cleaned_data
            for formset in formsets
            for line in formset.forms
            if line.cleaned_data and not line.cleaned_data.get("DELETE")
        ]
        calendar = form.instance
        calendar.pk = save_calendar(
            actor=actor_of(request),
            code=calendar.code,
            name_zh=calendar.name_zh,
            name_en=calendar.name_en,
            zone=calendar.zone,
            duty=calendar.duty,
            is_default=calendar.is_default,
            days=[(row["day"], row["kind"], row["name"]) for row in rows],
        ).pk

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: bool = False
    ) -> list[Any]:
        # The formsets were never saved as such, so they have no list of what they changed.
        return super().construct_change_message(request, form, [], add)


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly):
    list_display = ("prefix", "name", "user", "scopes", "expires_at", "last_used_at", "revoked_at")
    list_select_related = ("user",)
    search_fields = ("prefix", "name", "user__username")
    actions = ("revoke",)

    @admin.action(description="吊销所选令牌（revoke）")
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        for token in queryset:
            revoke_token(actor=actor_of(request), token=token)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnly):
    list_display = ("at", "actor_label", "action", "object_type", "object_id", "sentence_zh")
    search_fields = ("=action", "=object_id")
    # Counting millions of rows for a page number costs more than the page.
    show_full_result_count = False
    list_per_page = 50


@admin.register(AuditSeal)
class AuditSealAdmin(ReadOnly):
    list_display = ("id", "first_entry", "last_entry", "entries", "sealed_at", "digest")


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnly):
    list_display = ("id", "channel", "recipient", "template", "state", "attempts", "last_error")
    list_filter = ("state", "channel")
    actions = ("retry",)

    @admin.display(description="recipient")
    def recipient(self, message: OutboxMessage) -> str:
        return masked_recipient(message)

    @admin.action(description="重发所选消息（retry）")
    def retry(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> None:
        for message in queryset:
            retry_message(actor=actor_of(request), message=message)
