"""A layer is filled from a file that was uploaded: asked for, done by a job, or cancelled."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Final

from django.core.files.base import File
from django.db import (
    DEFAULT_DB_ALIAS,
    IntegrityError,
    OperationalError,
    connections,
    transaction,
)
from django.utils import timezone

from chengyun.city.actions.layers import (
    KIND,
    NothingFits,
    check_own_table,
    fill_layer,
    kept_layer,
    note_result,
    prune_fillings,
    tell_of,
)
from chengyun.city.layers.queries import OPEN, fillings_of
from chengyun.city.layers.rejected import RejectedFile
from chengyun.city.layers.uploads import MOST_ROWS, READ, Said, opened, received
from chengyun.city.models import LayerFilling
from chengyun.city.survey import uploads
from chengyun.city.survey.reading import SurveyRefused
from chengyun.city.survey.source import Words
from chengyun.core.actor import Actor
from chengyun.core.audit import record
from chengyun.core.problems import Conflict, Forbidden, Invalid, Problem, Unavailable

_log = logging.getLogger(__name__)
State = LayerFilling.State
#: Where uploaded files wait, and rejected rows lie.
PLACE: Final = "layers"
#: A filling that broke off so often is given up.
MOST_ATTEMPTS: Final = 3


def ask_filling(
    *, actor: Actor, code: str, content: "File[bytes]", name: str, said: Said
) -> LayerFilling:
    """Store a file that shall take the place of a layer's rows; a job brings it in.

    It is looked at first. Raises NotFound, Forbidden, Conflict when the table is not ours or a
    filling is waiting or at work, TooLarge, UnsupportedMedia, Invalid."""
    layer = kept_layer(actor, code)
    check_own_table(layer)
    _check_free(code)
    sent, total = received(content, name, said)
    stored = uploads.keep(PLACE, sent.path)
    filling = LayerFilling(
        layer=layer, file_name=name, stored=stored, said=asdict(said), total=total,
        user=actor.user, asked_by=actor.label,
    )  # fmt: skip
    try:
        with transaction.atomic():
            filling.save(force_insert=True)
            _tell(actor, filling, "upload", "上传", "Uploaded")
    except IntegrityError:
        _check_free(code)
        raise
    return filling


def cancel_filling(*, actor: Actor, filling: LayerFilling) -> LayerFilling:
    """Give up a filling that waits; nothing of the layer was changed.

    Raises Forbidden, and Conflict when it is at work or over."""
    kept_layer(actor, filling.layer.code)
    with transaction.atomic():
        rows = LayerFilling.objects.filter(pk=filling.pk, state=State.WAITING)
        if not rows.update(state=State.CANCELLED, finished_at=timezone.now()):
            raise Conflict(
                zh="此次导入已经开始或已经结束，不能取消。",
                en="The filling is at work or over, and cannot be cancelled.",
                remedy_zh="请刷新；开始后一般数分钟内结束。",
                remedy_en="Reload. Once begun it is over within minutes.",
            )
        filling.refresh_from_db()
        uploads.forget(filling.stored)
        _tell(actor, filling, "cancel", "取消", "Cancelled")
    return filling


def run_filling(filling: LayerFilling) -> LayerFilling:
    """Bring in the file that waits, as whoever asked for it: all of it or nothing.

    One that cannot go in says why. One that broke off is begun anew, three times at most."""
    rows = LayerFilling.objects.filter(pk=filling.pk, state__in=OPEN)
    if not rows.update(state=State.RUNNING, attempts=filling.attempts + 1, read=0):
        return filling  # Cancelled in this moment.
    filling.refresh_from_db()
    actor = Actor.system("layers")
    try:
        if filling.attempts > MOST_ATTEMPTS:
            raise _broke_off()
        actor = _whoever_asked(filling)
        _bring_in(actor, filling)
    except Problem as refused:
        _give_up(actor, filling, refused)
    except OperationalError:
        raise  # The database went away or had enough: it is begun anew later.
    except Exception:
        _give_up(actor, filling, _fault())
        raise
    uploads.forget(filling.stored)
    return filling


def _bring_in(actor: Actor, filling: LayerFilling) -> None:
    said = Said(**filling.said)
    try:
        with uploads.taken_out(filling.stored) as path, _aside(filling) as watch:
            source = opened(path, said, READ)
            with RejectedFile(path.with_name(f"{path.name}.rejected.csv")) as rejected:
                try:
                    with transaction.atomic():
                        fill_layer(
                            actor=actor, code=filling.layer.code, source=source, anew=said.anew,
                            most=MOST_ROWS, reject=rejected.write, watch=watch, filling=filling,
                        )  # fmt: skip
                        _keep_rejected(filling, rejected)
                except NothingFits as nothing:
                    note_result(filling, nothing.filled)
                    _keep_rejected(filling, rejected)
                    raise
    except SurveyRefused as refused:
        raise Invalid(**refused.plain(), field="file") from refused
    except FileNotFoundError as error:
        raise Unavailable(
            zh="上传的文件已不在存储中。", en="The uploaded file is no longer in the storage.",
            remedy_zh="请重新上传。", remedy_en="Upload it again.",
        ) from error  # fmt: skip


def _whoever_asked(filling: LayerFilling) -> Actor:
    user = filling.user
    if user is None or not user.is_active:
        raise Forbidden(
            zh="上传者的账号已停用。", en="The account of who uploaded it is no longer active.",
            remedy_zh="请由在职的管理人员重新上传。",
            remedy_en="Let somebody whose account is active upload it again.",
        )  # fmt: skip
    return Actor.of(user)


@contextmanager
def _aside(filling: LayerFilling) -> Iterator[Callable[[int], None]]:
    """Writes how many rows are read on a connection of its own: others see it before the
    filling's transaction ends. That one must not have written to the row."""
    connection = connections.create_connection(DEFAULT_DB_ALIAS)

    def watch(read: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE city_layerfilling SET read = %s WHERE id = %s", [read, filling.pk]
            )

    try:
        yield watch
    finally:
        connection.close()


def _keep_rejected(filling: LayerFilling, rejected: RejectedFile) -> None:
    rejected.close()
    if rejected.path.exists():
        filling.rejected_file = uploads.keep(PLACE, rejected.path)
        filling.save(update_fields=["rejected_file"])


def _give_up(actor: Actor, filling: LayerFilling, refused: Problem) -> None:
    filling.state, filling.finished_at = State.FAILED, timezone.now()
    filling.refused = Words(
        zh=refused.zh, en=refused.en, remedy_zh=refused.remedy_zh, remedy_en=refused.remedy_en
    )
    with transaction.atomic():
        if not LayerFilling.objects.select_for_update().filter(pk=filling.pk).exists():
            return  # It went with its layer.
        filling.save()
        _tell(actor, filling, "fill_failed", "未能导入", "Could not bring in")
        prune_fillings(filling.layer)


def _check_free(code: str) -> None:
    found = fillings_of(code).filter(state__in=OPEN).first()
    if found is not None:
        raise Conflict(
            zh=f"{found.asked_by} 上传的 {found.file_name} 正在等待或导入此图层。",
            en=f"{found.file_name}, uploaded by {found.asked_by}, is waiting for this layer or "
            "being brought in.",
            field="file",
            remedy_zh="请等其结束，或取消尚未开始的导入，再上传。",
            remedy_en="Wait until it is over, or cancel it while it waits; then upload again.",
            extra={"filling": found.pk},
        )


def _tell(actor: Actor, filling: LayerFilling, verb: str, zh: str, en: str) -> None:
    layer = filling.layer
    record(
        actor=actor,
        action=f"{KIND}.{verb}",
        object_type=KIND,
        object_id=layer.code,
        zh=f"{zh} {filling.file_name}，图层 {layer.name_zh}（{layer.code}）",
        en=f"{en} {filling.file_name}, layer {layer.name_zh} ({layer.code})",
        after={"filling": filling.pk, "file": filling.file_name, "refused": filling.refused},
    )
    tell_of(layer, verb, public=False)


def _broke_off() -> Problem:
    return Unavailable(
        zh="导入多次中断，已放弃。",
        en="The filling broke off several times and was given up.",
        remedy_zh="请拆成较小的文件，或由管理人员用 chengyun import layer 导入。",
        remedy_en="Split the file, or let an operator bring it in with chengyun import layer.",
    )


def _fault() -> Problem:
    return Unavailable(
        zh="导入时系统出错，图层未改变。",
        en="The system failed while filling; nothing was changed.",
        remedy_zh="请重试；仍不成功时请管理人员查看后台任务的日志。",
        remedy_en="Try again. If it fails again, an operator finds the reason in the log of the "
        "workers.",
    )
