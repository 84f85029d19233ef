"""Layers and their fillings, for those who keep them."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from django.db.models import QuerySet
from django.utils import timezone

from chengyun.city.layers.description import Description, one_layer
from chengyun.city.layers.tree import KEEPERS, may_keep
from chengyun.city.models import LayerFilling
from chengyun.core.actor import Actor
from chengyun.core.problems import NotFound, not_found

State = LayerFilling.State
#: States of a filling that is still to come, or at work.
OPEN: Final = (State.WAITING, State.RUNNING)
# So long after it was asked for, a filling that nobody works at was left.
_LEFT_AFTER: Final = timedelta(minutes=10)


def layer_kept_by(actor: Actor, code: str) -> Description:
    """A layer that the actor keeps. Raises Forbidden, NotFound."""
    actor.require_role(*KEEPERS)
    found = one_layer(code)
    if found is None or not may_keep(actor, found.organisation_path):
        raise not_found()
    return found


def fillings_of(code: str) -> QuerySet[LayerFilling]:
    """The fillings of a layer."""
    return LayerFilling.objects.filter(layer__code=code)


def one_filling(code: str, filling_id: int) -> LayerFilling:
    """One of them. Raises NotFound."""
    found = fillings_of(code).select_related("layer").filter(pk=filling_id).first()
    if found is None:
        raise NotFound(
            zh=f"图层 {code} 没有导入 {filling_id}。",
            en=f"The layer {code} has no filling {filling_id}.",
            field="filling_id",
            remedy_zh="请核对编号；较早的导入记录已被清理。",
            remedy_en="Check the number; the oldest ones are not kept.",
        )
    return found


def left_fillings() -> list[int]:
    """The fillings that are to be sent for again, in case their job was lost."""
    rows = LayerFilling.objects.filter(state__in=OPEN, asked_at__lt=timezone.now() - _LEFT_AFTER)
    return list(rows.values_list("pk", flat=True))


def files_of_fillings() -> Collection[str]:
    """What lies in the storage and is still wanted: what waits, and rejected rows."""
    wanted = set(LayerFilling.objects.filter(state__in=OPEN).values_list("stored", flat=True))
    return wanted | set(LayerFilling.objects.values_list("rejected_file", flat=True))
