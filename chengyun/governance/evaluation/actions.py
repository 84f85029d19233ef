"""Writes of evaluation: schemes, by evaluators and administrators, each audited."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from chengyun.core import audit
from chengyun.core.actor import Actor
from chengyun.core.models import Role
from chengyun.core.problems import Conflict, NotFound
from chengyun.governance.evaluation.schemes import checked
from chengyun.governance.models import EvaluationScheme

_FIELDS = ("code", "kind", "role", "name_zh", "name_en", "weights", "grades")


def as_fields(scheme: EvaluationScheme) -> dict[str, Any]:
    """The scheme as plain data, as the API and the audit show it."""
    return {name: getattr(scheme, name) for name in _FIELDS}


@transaction.atomic
def create_scheme(*, actor: Actor, fields: Mapping[str, Any]) -> EvaluationScheme:
    """A new scheme. Raises Invalid (unsound), Conflict (the code is taken), Forbidden."""
    _may_write(actor)
    values = checked(fields)
    if EvaluationScheme.objects.filter(code=values["code"]).exists():
        raise Conflict(
            zh=f"评价方案“{values['code']}”已存在。",
            en=f"There is a scheme “{values['code']}” already.",
            field="code",
        )
    scheme = EvaluationScheme.objects.create(**values)
    _record(actor, "create", scheme.code, None, as_fields(scheme))
    return scheme


@transaction.atomic
def change_scheme(*, actor: Actor, code: str, fields: Mapping[str, Any]) -> EvaluationScheme:
    """Replace what a scheme says; its code stays. Raises NotFound, Invalid, Forbidden."""
    _may_write(actor)
    scheme = _locked(code)
    before = as_fields(scheme)
    for name, value in checked({**fields, "code": code}).items():
        setattr(scheme, name, value)
    scheme.save()
    _record(actor, "change", code, before, as_fields(scheme))
    return scheme


@transaction.atomic
def delete_scheme(*, actor: Actor, code: str) -> None:
    """Take a scheme away. Raises NotFound, Forbidden."""
    _may_write(actor)
    scheme = _locked(code)
    before = as_fields(scheme)
    scheme.delete()
    _record(actor, "delete", code, before, None)


def _may_write(actor: Actor) -> None:
    actor.require_role(Role.EVALUATOR, Role.ADMINISTRATOR)


def _locked(code: str) -> EvaluationScheme:
    scheme = EvaluationScheme.objects.select_for_update().filter(code=code).first()
    if scheme is None:
        raise NotFound(zh=f"没有评价方案“{code[:40]}”。", en=f"There is no scheme “{code[:40]}”.")
    return scheme


def _record(
    actor: Actor,
    verb: str,
    code: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    zh = {"create": "新建", "change": "修改", "delete": "删除"}[verb]
    audit.record(
        actor=actor,
        action=f"governance.evaluation_scheme.{verb}",
        object_type="evaluation_scheme",
        object_id=code,
        zh=f"{actor.label} {zh}评价方案 {code}",
        en=f"{actor.label}: {verb} evaluation scheme {code}",
        before=before,
        after=after,
    )
