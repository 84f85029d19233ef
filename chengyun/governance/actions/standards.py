"""Changes of the city's own rules: standards, responsibilities, desk limits."""

from django.db import IntegrityError, transaction
from django.forms.models import model_to_dict

from chengyun.core import audit
from chengyun.core.actor import Actor
from chengyun.core.models import Role
from chengyun.core.problems import Conflict
from chengyun.governance import clocks
from chengyun.governance.models import DeskLimit, Responsibility, Standard

Rule = Standard | Responsibility | DeskLimit


@transaction.atomic
def save_rule(*, actor: Actor, rule: Rule) -> Rule:
    """Write one rule. Raises Forbidden, Conflict (a used standard is not rewritten: make a new
    version), or django's ValidationError with the fields."""
    actor.require_role(Role.ADMINISTRATOR)
    rule.full_clean()
    known = type(rule)._default_manager.filter(pk=rule.pk).first() if rule.pk else None
    try:
        with transaction.atomic():
            rule.save()
    except IntegrityError as error:
        raise Conflict(
            zh="已有案件按此标准立案，不能改写；请新增下一版本，并给旧版本填写失效日期。",
            en="Cases were filed under this standard: add the next version, and end this one.",
        ) from error
    _record(actor, "save", rule, known)
    return rule


@transaction.atomic
def delete_rule(*, actor: Actor, rule: Rule) -> None:
    """Take away a rule that no case was filed under."""
    actor.require_role(Role.ADMINISTRATOR)
    _record(actor, "delete", None, rule)
    rule.delete()


def _record(actor: Actor, verb: str, rule: Rule | None, before: Rule | None) -> None:
    shown = rule or before
    assert shown is not None
    name = shown._meta.model_name
    verbs = {"save": ("保存", "saved"), "delete": ("删除", "deleted")}
    audit.record(
        actor=actor,
        action=f"governance.{name}.{verb}",
        object_type=f"governance.{name}",
        object_id=shown.pk,
        zh=f"{actor.label} {verbs[verb][0]}规则 {shown}",
        en=f"{actor.label} {verbs[verb][1]} the rule {shown}",
        before=_plain(before),
        after=_plain(rule),
    )
    clocks.forget_desk_limits()


def _plain(rule: Rule | None) -> dict[str, object] | None:
    if rule is None:
        return None
    return {
        name: None if value is None else str(value) for name, value in model_to_dict(rule).items()
    }
