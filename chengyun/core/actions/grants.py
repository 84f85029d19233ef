from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from ..access import forget_scope
from ..actor import Actor
from ..audit import record
from ..events import emit
from ..models import AXIS, Grant, Organisation, Role, User
from ..problems import Conflict


class AxisConflict(Conflict):
    """One person may not hold posts of two axes: nobody checks their own work."""

    type = "urn:chengyun:problem:axis-conflict"


@transaction.atomic
def grant_role(
    *,
    actor: Actor,
    user: User,
    role: Role | str,
    organisation: Organisation | None = None,
    area_code: str = "",
    matter_code: str = "",
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> Grant:
    """Give a post. Giving the same post again only changes its period.

    Raises `AxisConflict` when the user holds, now or later, a post of another axis.
    """
    actor.require_role(Role.ADMINISTRATOR)
    role = Role(role)
    # The row lock makes two grants to one person wait for each other: both would look fine alone.
    User.objects.select_for_update().get(pk=user.pk)
    _refuse_other_axis(user, role)
    grant = Grant.objects.filter(
        user=user,
        role=role,
        organisation=organisation,
        area_code=area_code,
        matter_code=matter_code,
    ).first()
    before = _state(grant) if grant else None
    if grant is None:
        grant = Grant(
            user=user,
            role=role,
            organisation=organisation,
            area_code=area_code,
            matter_code=matter_code,
        )
    if valid_from is not None:
        grant.valid_from = valid_from
    grant.valid_until = valid_until
    after = _state(grant)
    if before == after:
        return grant
    grant.save()
    forget_scope(user)
    where_zh, where_en = _where(grant)
    record(
        actor=actor,
        action="core.grant.give",
        object_type="core.user",
        object_id=user.pk,
        zh=f"授予 {user.username} 岗位 {role.label}{where_zh}",
        en=f"Gave {user.username} the post {role.label_en}{where_en}",
        before=before,
        after=after,
    )
    _tell("core.grant.give", user)
    return grant


@transaction.atomic
def revoke_grant(*, actor: Actor, grant: Grant) -> None:
    """Take a post away, at once."""
    actor.require_role(Role.ADMINISTRATOR)
    user, before = grant.user, _state(grant)
    where_zh, where_en = _where(grant)
    role = Role(grant.role)
    deleted, _ = Grant.objects.filter(pk=grant.pk).delete()
    if not deleted:
        return
    forget_scope(user)
    record(
        actor=actor,
        action="core.grant.revoke",
        object_type="core.user",
        object_id=user.pk,
        zh=f"撤销 {user.username} 的岗位 {role.label}{where_zh}",
        en=f"Took the post {role.label_en} from {user.username}{where_en}",
        before=before,
    )
    _tell("core.grant.revoke", user)


def _refuse_other_axis(user: User, role: Role) -> None:
    axis = AXIS.get(role)
    if axis is None:
        return
    others = [other for other, theirs in AXIS.items() if theirs is not axis]
    held = (
        Grant.objects.filter(user=user, role__in=others)
        .filter(Q(valid_until=None) | Q(valid_until__gt=timezone.now()))
        .values_list("role", flat=True)
        .first()
    )
    if held is not None:
        other = Role(held)
        raise AxisConflict(
            zh=f"{user.username} 已任 {other.label}（{AXIS[other].label}），"
            f"不能兼任 {role.label}（{axis.label}）。",
            en=f"{user.username} is {other.label_en} ({AXIS[other].value}) and cannot also be "
            f"{role.label_en} ({axis.value}).",
            field="role",
            remedy_zh="请先撤销原岗位，或授予另一人。",
            remedy_en="Revoke the other post first, or grant it to another person.",
        )


def _state(grant: Grant) -> dict[str, Any]:
    until = grant.valid_until
    return {
        "role": str(grant.role),
        "organisation": grant.organisation.code if grant.organisation else None,
        "area": grant.area_code,
        "matter": grant.matter_code,
        "valid_from": grant.valid_from.isoformat(),
        "valid_until": until.isoformat() if until else None,
    }


def _where(grant: Grant) -> tuple[str, str]:
    parts = [
        grant.organisation.code if grant.organisation else "",
        grant.area_code,
        grant.matter_code,
    ]
    named = ", ".join(part for part in parts if part)
    return (f" ({named})", f" ({named})") if named else ("", "")


def _tell(kind: str, user: User) -> None:
    emit(kind=kind, subject_type="core.user", subject_id=user.pk, payload={"user": user.pk})
