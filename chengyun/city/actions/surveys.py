"""Surveys: a file is read, compared, reviewed, and applied to its register in one transaction."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.core.files.base import File
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from chengyun.city.models import Survey
from chengyun.city.snapshot import catalogue
from chengyun.city.survey import applying, comparing, staging, uploads
from chengyun.city.survey.apart import LOOK, READ
from chengyun.city.survey.comparing import allowed_areas, diff_table, gone_table
from chengyun.city.survey.mapping import Mapping, parse_mapping
from chengyun.city.survey.reading import SourceFile, SurveyRefused, open_source
from chengyun.city.survey.registers import REGISTERS
from chengyun.city.survey.source import Limits
from chengyun.city.survey.staging import Step
from chengyun.core.actor import Actor
from chengyun.core.audit import record
from chengyun.core.events import emit
from chengyun.core.models import Role
from chengyun.core.problems import Conflict, Forbidden, Invalid

KIND = "city.survey"
#: Where uploaded files wait for the job that reads them.
PLACE = "surveys"
State = Survey.State
#: More rejected rows than this, and more than this share, and a survey is not applied unasked.
MOST_REJECTED_SHARE = 0.2
FEW_REJECTED = 50
# Rows without a code are found by their place: two of a class so near are one thing.
_TOLERANCE_WITHOUT_CODES = 0.5
_LOCK = 4_490_001


@dataclass(frozen=True)
class Wanted:
    """What is asked of a survey. `complete_*`: what is registered there and missing is gone."""

    register: str
    layer: str = ""
    crs: str = ""
    encoding: str = ""
    lon: str = ""
    lat: str = ""
    tolerance: float | None = None
    edition: str = ""
    complete: bool = False
    complete_areas: Sequence[str] = ()
    complete_classes: Sequence[str] = ()
    mapping: Mapping = field(default_factory=Mapping)
    title: str = ""


def source_of(path: Path, wanted: Wanted, apart: Limits | None = None) -> SourceFile:
    """Open a file as a survey says; options go before the mapping. A file of strangers is read
    `apart`. Raises SurveyRefused."""
    mapping = wanted.mapping
    return open_source(
        path,
        layer=wanted.layer or mapping.layer or None,
        crs=wanted.crs or mapping.crs or None,
        encoding=wanted.encoding or mapping.encoding or None,
        lon=wanted.lon or mapping.lon or None,
        lat=wanted.lat or mapping.lat or None,
        apart=apart,
    )


def open_survey(*, actor: Actor, path: Path, wanted: Wanted, name: str = "") -> Survey:
    """Make the survey of a file, or find the open one of the same file and settings.

    Raises Forbidden, Invalid for an area, class or edition that is not known, Conflict when the
    same file is open with other settings.
    """
    allowed = _allowed(actor)
    known = catalogue()
    edition = wanted.edition or wanted.mapping.edition
    _check_names("edition", [edition] if edition else [], set(known.editions))
    _check_names("area", wanted.complete_areas, {area.code for area in known.areas.values()})
    settings = {
        "layer": wanted.layer, "crs": wanted.crs, "encoding": wanted.encoding,
        "lon": wanted.lon, "lat": wanted.lat,
        "tolerance": _tolerance(wanted), "edition": edition,
        "make_codes": wanted.mapping.code.make,
        "mapping": wanted.mapping.model_dump(mode="json"),
        "complete": {"areas": list(wanted.complete_areas),
                     "classes": list(wanted.complete_classes)} if wanted.complete else None,
        "allowed": allowed,
    }  # fmt: skip
    digest = _sha256(path)
    open_ones = Survey.objects.filter(state__in=[State.READING, State.REVIEW])
    found = open_ones.filter(register=wanted.register, target="", sha256=digest).first()
    if found is None:
        try:
            with transaction.atomic():
                return Survey.objects.create(
                    register=wanted.register,
                    title=wanted.title or Path(name or path.name).name,
                    file_name=name or path.name,
                    sha256=digest,
                    settings=settings,
                    started_by=actor.label,
                )
        except IntegrityError:
            found = open_ones.get(register=wanted.register, target="", sha256=digest)
    if any(found.settings.get(key) != value for key, value in settings.items()):
        raise Conflict(
            zh=f"该文件已有未完成的普查 {found.pk}，设置不同。",
            en=f"The file is open already as survey {found.pk}, with other settings.",
            remedy_zh=f"先入库或放弃普查 {found.pk}。",
            remedy_en=f"Apply or discard survey {found.pk} first.",
        )
    return found


def read_survey(
    *,
    survey: Survey,
    path: Path,
    step: Step = lambda done, total: None,
    show_new: bool = True,
    apart: Limits | None = None,
) -> Survey:
    """Read the rest of a survey's file and compare it. Nothing of the register changes.

    A reading that was killed goes on where it stood. With `apart` the file is read in a process of
    its own. Raises SurveyRefused.
    """
    if survey.state == State.READING:
        mapping = parse_mapping(survey.settings["mapping"], survey.register)
        wanted = Wanted(
            survey.register, mapping=mapping,
            **{name: survey.settings[name] for name in ("layer", "crs", "encoding", "lon", "lat")},
        )  # fmt: skip
        source = source_of(path, wanted, apart)
        _check_source(survey, source, mapping)
        staging.begin(survey)
        staging.read_rows(survey, source, mapping, survey.settings["allowed"], step)
        if survey.read == 0:
            raise SurveyRefused(
                zh=f"{survey.file_name} 中没有记录。", en=f"{survey.file_name} has no rows.",
                remedy_zh="核对文件与图层。", remedy_en="Check the file and its layer.",
            )  # fmt: skip
        survey.state = State.REVIEW
    with transaction.atomic():
        survey.save(update_fields=["state"])
        comparing.compare(survey, show_new=show_new)
    return survey


def too_many_rejected(survey: Survey) -> bool:
    """Whether so much was rejected that the file is more likely wrong than its rows."""
    counted = survey.read - survey.settings.get("passed_over", 0)
    return survey.rejected > FEW_REJECTED and survey.rejected > MOST_REJECTED_SHARE * counted


def check_ready(*, actor: Actor, survey: Survey, force: bool = False) -> None:
    """Whether somebody may apply a survey as it stands. Raises Forbidden, Conflict."""
    _check_reach(actor, survey)
    if survey.state == State.REVIEW and too_many_rejected(survey) and not force:
        share = survey.rejected / max(1, survey.read)
        raise Conflict(
            zh=f"{share:.0%} 的记录被退回，文件可能有误，未入库。",
            en=f"{share:.0%} of the rows were rejected; the file is wrong, it seems: not applied.",
            remedy_zh="查看退回的原因；确认无误后强制入库（force）。",
            remedy_en="See why they were rejected; if the rest is right, apply it with force.",
        )
    if survey.state != State.REVIEW:
        raise _not_in(survey)


def apply_survey(*, actor: Actor, survey: Survey, force: bool = False) -> Survey:
    """Bring a reviewed survey into its register: all of it or nothing.

    `force` applies it although a large share was rejected. Raises Forbidden, and Conflict: not in
    review, too much rejected, or the register changed since the review (which is then renewed).
    """
    check_ready(actor=actor, survey=survey, force=force)
    if not _still_true(survey.pk):
        raise Conflict(
            zh="审核之后登记册已有变化，已重新比对。",
            en="The register changed since the review; the survey was compared anew.",
            remedy_zh="请再次审核后入库。",
            remedy_en="Look at it again, then apply it.",
        )
    try:
        return _apply(actor, survey.pk)
    except IntegrityError as error:
        raise Conflict(
            zh="入库时登记册有并发的变化，未作任何修改。",
            en="Somebody wrote to the register meanwhile; nothing was changed.",
            remedy_zh="请重试。",
            remedy_en="Apply it again.",
        ) from error


def _still_true(survey_id: int) -> bool:
    """Compare again; whether it still says what the reviewer saw."""
    with transaction.atomic():
        survey = _locked(survey_id, State.REVIEW)
        seen = survey.settings.get("digest")
        shown = bool(survey.settings.get("new_shown"))
        return comparing.compare(survey, show_new=shown) == str(seen)


@transaction.atomic
def _apply(actor: Actor, survey_id: int) -> Survey:
    survey = _locked(survey_id, State.REVIEW)
    register = REGISTERS[survey.register]
    with connection.cursor() as cursor:
        cursor.execute(comparing.PATIENCE)
        # One survey at a time: the next serial numbers are asked for only once.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        applying.leave_out_declined(cursor, survey)
        if register.name == "components":
            applying.make_codes(cursor, survey)
            applying.count_later(cursor, survey)
        changed = applying.change(cursor, survey, register, actor)
        gone = applying.remove(cursor, survey, register, actor)
        new = applying.register_new(cursor, survey, register)
        if register.name == "components":
            cursor.execute("SELECT city_components_counted(1), city_survey_counted(%(id)s), "
                           "city_components_placed(), city_survey_placed(%(id)s)",
                           {"id": survey.pk})  # fmt: skip
            cursor.execute("SET LOCAL chengyun.counting = 'now'")
        cursor.execute(f"DROP TABLE {diff_table(survey)}, {gone_table(survey)}")
        staging.drop(survey)
    survey.state, survey.new, survey.changed, survey.gone = State.APPLIED, new, changed, gone
    survey.finished_at, survey.finished_by = timezone.now(), actor.label
    survey.save(update_fields=["state", "new", "changed", "gone", "finished_at", "finished_by"])
    counts = {"new": new, "changed": changed, "gone": gone, "rejected": survey.rejected}
    record(
        actor=actor,
        action=f"{KIND}.apply",
        object_type=KIND,
        object_id=survey.pk,
        zh=f"入库 {survey.title}：新增 {new}，变更 {changed}，移除 {gone}，退回 {survey.rejected}",
        en=f"Applied {survey.title}: {new} new, {changed} changed, {gone} removed, "
        f"{survey.rejected} rejected",
        after={"register": register.name, **counts},
    )
    city = catalogue().city
    emit(
        kind=f"{KIND}.apply",
        subject_type=KIND,
        subject_id=survey.pk,
        payload={"register": register.name, **counts},
        scope=([city.code] if city else [], (), ()),
    )
    return survey


def discard_survey(*, actor: Actor, survey: Survey) -> Survey:
    """Give a survey up; its rows go, its numbers stay."""
    _check_reach(actor, survey)
    with transaction.atomic(), connection.cursor() as cursor:
        survey = _locked(survey.pk, State.READING, State.REVIEW)
        cursor.execute(f"DROP TABLE IF EXISTS {diff_table(survey)}, {gone_table(survey)}")
        staging.drop(survey)
        survey.rows.all().delete()
        uploads.forget(survey.settings.get("stored", ""))
        survey.state = State.DISCARDED
        survey.finished_at, survey.finished_by = timezone.now(), actor.label
        survey.save(update_fields=["state", "finished_at", "finished_by"])
        record(
            actor=actor, action=f"{KIND}.discard", object_type=KIND, object_id=survey.pk,
            zh=f"放弃普查 {survey.title}", en=f"Discarded the survey {survey.title}",
        )  # fmt: skip
    return survey


@transaction.atomic
def decline_rows(*, actor: Actor, survey: Survey, ids: Sequence[int], declined: bool) -> int:
    """Leave rows out of a survey, or take them in again; returns how many there were."""
    _check_reach(actor, survey)
    survey = _locked(survey.pk, State.REVIEW)
    rows = survey.rows.filter(pk__in=ids).exclude(verdict="rejected")
    count = rows.update(declined=declined)
    if count != len(set(ids)):
        raise Invalid(
            zh="有的记录不属于此普查，或已被退回。",
            en="Some of the rows are not of this survey, or were rejected.",
            field="ids",
            remedy_zh="请刷新后重选。",
            remedy_en="Reload and choose again.",
        )
    record(
        actor=actor, action=f"{KIND}.decline", object_type=KIND, object_id=survey.pk,
        zh=f"审核 {survey.title}: {'不采纳' if declined else '采纳'} {count} 条",
        en=f"Reviewed {survey.title}: {count} rows {'left out' if declined else 'taken in'}",
        after={"ids": list(ids)[:1000], "declined": declined},
    )  # fmt: skip
    return count


def keep_upload(*, actor: Actor, wanted: Wanted, name: str, content: "File[bytes]") -> Survey:
    """Store a file that was uploaded and open its survey; a job reads it. Raises SurveyRefused."""
    _allowed(actor)
    sent = uploads.spooled(content, name)
    source_of(sent.path, wanted, LOOK)
    survey = open_survey(actor=actor, path=sent.path, wanted=wanted, name=name)
    if "stored" not in survey.settings:
        survey.settings = {**survey.settings, "stored": uploads.keep(PLACE, sent.path)}
        survey.save(update_fields=["settings"])
    return survey


def read_upload(survey: Survey) -> Survey:
    """Read the file of a survey that was uploaded. One that cannot be read is given up."""
    stored = survey.settings["stored"]
    with uploads.taken_out(stored) as path:
        try:
            survey = read_survey(survey=survey, path=path, apart=READ)
        except SurveyRefused as refused:
            survey.settings = {**survey.settings, "refused": refused.plain()}
            survey.save(update_fields=["settings"])
            return discard_survey(actor=Actor.system("survey"), survey=survey)
    uploads.forget(stored)
    return survey


def _locked(survey_id: int, *states: str) -> Survey:
    survey = Survey.objects.select_for_update().get(pk=survey_id)
    if survey.state not in states:
        raise _not_in(survey)
    return survey


def _not_in(survey: Survey) -> Conflict:
    return Conflict(
        zh=f"普查 {survey.pk} 的状态是{survey.get_state_display()}。",
        en=f"Survey {survey.pk} is {survey.get_state_display()}.",
        remedy_zh="请刷新。",
        remedy_en="Reload.",
    )


def _allowed(actor: Actor) -> list[int] | None:
    actor.require_role(Role.DATA_MANAGER)
    allowed = allowed_areas(actor.scope.for_roles([Role.DATA_MANAGER]))
    if allowed == []:
        raise Forbidden(
            zh="您没有负责的区域。", en="You manage no area.",
            remedy_zh="请联系系统管理员。", remedy_en="Ask an administrator.",
        )  # fmt: skip
    return allowed


def _check_reach(actor: Actor, survey: Survey) -> None:
    allowed = _allowed(actor)
    theirs = survey.settings.get("allowed")
    if allowed is not None and (theirs is None or not set(theirs) <= set(allowed)):
        raise Forbidden(
            zh="此普查超出您负责的区域。",
            en="This survey reaches beyond the area that you manage.",
            remedy_zh="请联系相应区域的数据管理员。",
            remedy_en="Ask the data manager of that area.",
        )


def _check_names(what: str, given: Sequence[str], known: set[str]) -> None:
    unknown = sorted(set(given) - known)
    if unknown:
        raise Invalid(
            zh=f"没有 {what} {', '.join(unknown)}。",
            en=f"There is no {what} {', '.join(unknown)}.",
            field=what, remedy_zh="请改正。", remedy_en="Correct it.",
        )  # fmt: skip


def _check_source(survey: Survey, source: SourceFile, mapping: Mapping) -> None:
    """Whether the file has what the register cannot do without."""
    needed = {
        "components": ["code"] if not mapping.code.make else [],
        "addresses": ["full_text", "kind"],
        "unit_grids": ["code"],
    }[survey.register]
    missing = [n for n in needed if n not in mapping.fields and n not in source.columns]
    if missing:
        raise SurveyRefused(
            zh=f"{survey.file_name} 没有列 {', '.join(missing)}。",
            en=f"{survey.file_name}: the column {', '.join(missing)} is missing.",
            remedy_zh=f"用映射文件说明对应的列；现有的列：{', '.join(source.columns)}。",
            remedy_en="Name its counterpart in a mapping (--map); the columns are: "
            f"{', '.join(source.columns)}.",
        )


def _tolerance(wanted: Wanted) -> float:
    for said in (wanted.tolerance, wanted.mapping.tolerance):
        if said is not None:
            return said
    return _TOLERANCE_WITHOUT_CODES if wanted.mapping.code.make else 0.0


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


__all__ = [
    "SurveyRefused", "Wanted", "apply_survey", "check_ready", "decline_rows", "discard_survey",
    "keep_upload", "open_survey", "read_survey", "read_upload", "source_of", "too_many_rejected",
]  # fmt: skip
