from typing import Any

from django.db import connection, transaction

from ..actor import Actor
from ..audit import record
from ..events import emit
from ..models import Organisation, Role
from ..problems import Conflict, Invalid, NotFound

_FIELDS = ("name_zh", "name_en", "kind", "active")


@transaction.atomic
def save_organisation(
    *,
    actor: Actor,
    code: str,
    name_zh: str,
    name_en: str = "",
    kind: str = Organisation.Kind.DEPARTMENT,
    parent: Organisation | str | None = None,
    active: bool = True,
) -> Organisation:
    """Create the organisation `code`, or bring it to these values.

    Moving it moves its subtree: `path` and `ancestors` of everything below are rewritten.
    When nothing differs nothing is written, not even an audit entry. Raises `NotFound` for
    an unknown parent, `Conflict` when the parent lies below the organisation itself.
    """
    actor.require_role(Role.ADMINISTRATOR, Role.DATA_MANAGER)
    if kind not in Organisation.Kind.values:
        kinds = ", ".join(Organisation.Kind.values)
        raise Invalid(
            zh=f"机构类型 {kind} 无效。",
            en=f"{kind} is no kind of organisation.",
            field="kind",
            remedy_zh=f"可用：{kinds}。",
            remedy_en=f"Use one of: {kinds}.",
        )
    with connection.cursor() as cursor:
        # One change of the tree at a time: two moves that are fine alone could make a ring.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('core.organisation.tree'))")
    above = _parent(parent)
    if above is not None and code in above.ancestors:
        raise Conflict(
            zh=f"机构 {code} 不能隶属于自己的下级 {above.code}。",
            en=f"{code} cannot be put below {above.code}, which is below it.",
            field="parent",
        )
    found = Organisation.objects.select_for_update().filter(code=code).first()
    before = _state(found) if found else None
    organisation = found or Organisation(code=code)
    organisation.name_zh, organisation.name_en = name_zh, name_en
    organisation.kind, organisation.active = kind, active
    organisation.parent = above
    organisation.ancestors = [*(above.ancestors if above else []), code]
    organisation.path = "/" + "/".join(organisation.ancestors) + "/"
    after = _state(organisation)
    if before == after:
        return organisation
    organisation.save()
    if before is not None and before["path"] != after["path"]:
        _move_subtree(organisation)
    verb_zh, verb_en = ("修改", "Changed") if before else ("新建", "Created")
    record(
        actor=actor,
        action="core.organisation.save",
        object_type="core.organisation",
        object_id=code,
        zh=f"{verb_zh}机构 {name_zh} ({code})",
        en=f"{verb_en} organisation {name_en or name_zh} ({code})",
        before=before,
        after=after,
    )
    emit(
        kind="core.organisation.save",
        subject_type="core.organisation",
        subject_id=code,
        payload={"code": code, "name_zh": name_zh, "name_en": name_en},
        scope=((), organisation.ancestors, ()),
    )
    return organisation


def _parent(parent: Organisation | str | None) -> Organisation | None:
    if parent is None or isinstance(parent, Organisation):
        return parent
    found = Organisation.objects.filter(code=parent).first()
    if found is None:
        raise NotFound(
            zh=f"上级机构 {parent} 不存在。",
            en=f"The parent organisation {parent} does not exist.",
            field="parent",
            remedy_zh="请先建立上级机构。",
            remedy_en="Create the parent first.",
        )
    return found


def _state(organisation: Organisation) -> dict[str, Any]:
    return {
        **{name: getattr(organisation, name) for name in _FIELDS},
        "path": organisation.path,
    }


def _move_subtree(root: Organisation) -> None:
    """Rewrite everything below `root`, parents before children."""
    children: dict[int | None, list[Organisation]] = {}
    for each in Organisation.objects.filter(ancestors__contains=[root.code]).exclude(pk=root.pk):
        children.setdefault(each.parent_id, []).append(each)
    changed: list[Organisation] = []
    level = [root]
    while level:
        below: list[Organisation] = []
        for above in level:
            for child in children.get(above.pk, []):
                child.ancestors = [*above.ancestors, child.code]
                child.path = f"{above.path}{child.code}/"
                below.append(child)
        changed += below
        level = below
    Organisation.objects.bulk_update(changed, ["ancestors", "path"], batch_size=1000)
