"""HTTP of surveys: uploading, reviewing, applying. For data managers, in their areas."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Field, File, Form, Query, Router, Schema, Status, UploadedFile
from pydantic import ConfigDict

from chengyun.city.actions import surveys
from chengyun.city.jobs import apply_survey as apply_later
from chengyun.city.jobs import read_survey as read_later
from chengyun.city.models import Survey, SurveyRow
from chengyun.city.survey.mapping import Mapping, parse_mapping, parse_text
from chengyun.city.survey.queries import (
    declined_of,
    one_survey,
    reasons_of,
    rows_of,
    visible_surveys,
)
from chengyun.city.survey.reasons import WORDS, Reason
from chengyun.city.survey.rejected import as_csv, as_geojson
from chengyun.city.survey.source import SurveyRefused
from chengyun.core.http import actor_of, session_or_token
from chengyun.core.pagination import DEFAULT_LIMIT, Page, PageCursor, PageLimit, paginate
from chengyun.core.problems import Invalid, TooLarge
from chengyun.core.schemas import REFUSALS

router = Router(tags=["surveys"], auth=session_or_token)

MOST_BYTES = 50 * 1024 * 1024
# More rows than this are applied by a job: nobody waits for an answer that long.
_AT_ONCE = 20_000
Word = Annotated[str, Field(max_length=200)]
RegisterName = Literal["components", "unit_grids", "addresses"]
RowNumber = Annotated[int, Field(ge=1, le=2**63 - 1)]
Verdict = Literal["new", "changed", "gone", "rejected"]
_NUMBERS = (
    "id", "register", "title", "file_name", "state", "read", "new", "changed", "gone", "same",
    "rejected", "started_at", "started_by", "finished_at", "finished_by",
)  # fmt: skip
_FILE = {"responses": {200: {"description": "The file", "content": {
    "text/csv": {"schema": {"type": "string"}},
    "application/geo+json": {"schema": {"type": "object"}},
}}}}  # fmt: skip


class SurveyReason(Schema):
    """Why rows were rejected, how many, and how to mend them."""

    reason: str
    count: int
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str


class SurveyOut(Schema):
    """A survey in numbers. `read` rows of the file are read; `passed_over` of them have no class
    that is mapped. `too_many_rejected`: it is only applied with force."""

    id: int
    # A class of models has a method of the plain name.
    register_: str = Field(alias="register")
    title: str
    file_name: str
    state: str
    read: int
    new: int
    changed: int
    gone: int
    same: int
    rejected: int
    passed_over: int
    complete: bool
    new_shown: bool
    too_many_rejected: bool
    refused: dict[str, str] | None
    started_at: datetime
    started_by: str
    finished_at: datetime | None
    finished_by: str


class SurveyDetail(SurveyOut):
    """One survey, with the reasons of its rejected rows, and how many of each verdict were left
    out by a reviewer."""

    reasons: list[SurveyReason]
    declined: dict[str, int]


class SurveyRowOut(Schema):
    """One row. `before` and `after` hold what differs; of a rejected row `after` is the row."""

    id: int
    line: int | None
    verdict: str
    code: str
    reason: str
    reason_zh: str
    reason_en: str
    remedy_zh: str
    remedy_en: str
    detail: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    geometry: dict[str, Any] | None
    declined: bool


class RowChoice(Schema):
    """Rows to leave out of a survey, or to take in again."""

    model_config = ConfigDict(extra="forbid")
    ids: Annotated[list[RowNumber], Field(min_length=1, max_length=1000)]
    declined: bool


class ChosenOut(Schema):
    """How many rows were changed."""

    count: int


class ApplyIn(Schema):
    """`force`: although a large share was rejected."""

    model_config = ConfigDict(extra="forbid")
    force: bool = False


class UploadForm(Schema):
    """How to read the file; `mapping` is TOML (docs/city/surveys.md)."""

    register_: RegisterName = Field(alias="register")
    title: Word = ""
    layer: Word = ""
    crs: Annotated[str, Field(max_length=5_000)] = ""
    encoding: Word = ""
    lon: Word = ""
    lat: Word = ""
    tolerance: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] | None = None
    edition: Word = ""
    complete: bool = False
    areas: Annotated[str, Field(max_length=2_000, description="codes, with spaces between")] = ""
    classes: Annotated[str, Field(max_length=2_000, description="codes, with spaces between")] = ""
    mapping: Annotated[str, Field(max_length=100_000)] = ""


@router.get(
    "/surveys", response={200: Page[SurveyOut], **REFUSALS}, by_alias=True, summary="Surveys"
)
def list_surveys(
    request: HttpRequest,
    state: Literal["reading", "review", "applied", "discarded"] | None = None,
    cursor: PageCursor = None,
    limit: PageLimit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """The newest first."""
    rows = visible_surveys(actor_of(request))
    if state is not None:
        rows = rows.filter(state=state)
    items, following, earlier = paginate(rows, order=["-id"], cursor=cursor, limit=limit)
    return {"items": [_plain(row) for row in items], "next": following, "previous": earlier}


@router.post(
    "/surveys", response={201: SurveyOut, **REFUSALS}, by_alias=True, summary="Upload a survey"
)
def post_survey(
    request: HttpRequest, form: Form[UploadForm], file: Annotated[UploadedFile, File()]
) -> Status[dict[str, Any]]:
    """A file of at most 50 MB; larger ones go in by `chengyun import`. A job reads and compares
    it (`read` counts), then it waits for its review. Nothing of the register changes."""
    if (file.size or 0) > MOST_BYTES:
        raise TooLarge(
            zh="文件超过 50 MB。", en="The file has more than 50 MB.", field="file",
            remedy_zh="请用命令 chengyun import 导入。",
            remedy_en="Import it by the command `chengyun import`.",
        )  # fmt: skip
    read = Mapping()
    if form.mapping.strip():
        read = parse_mapping(parse_text(form.mapping), form.register_)
    wanted = surveys.Wanted(
        form.register_, layer=form.layer, crs=form.crs, encoding=form.encoding,
        lon=form.lon, lat=form.lat, tolerance=form.tolerance, edition=form.edition,
        complete=form.complete, complete_areas=form.areas.split(),
        complete_classes=form.classes.split(), mapping=read, title=form.title,
    )  # fmt: skip
    try:
        survey = surveys.keep_upload(
            actor=actor_of(request), wanted=wanted, name=file.name or "survey", content=file
        )
    except SurveyRefused as refused:
        raise Invalid(**refused.plain(), field="file") from refused
    read_later.defer(survey_id=survey.pk)
    return Status(201, _plain(survey))


@router.get("/surveys/{int:survey_id}", response={200: SurveyDetail, **REFUSALS}, by_alias=True,
            summary="One survey")  # fmt: skip
def get_survey(request: HttpRequest, survey_id: int) -> dict[str, Any]:
    """Its numbers, and why rows were rejected."""
    survey = one_survey(actor_of(request), survey_id)
    return {**_plain(survey), "reasons": reasons_of(survey), "declined": declined_of(survey)}


@router.get("/surveys/{int:survey_id}/rows", response={200: Page[SurveyRowOut], **REFUSALS},
            summary="Rows of a survey")  # fmt: skip
def list_rows(
    request: HttpRequest,
    survey_id: int,
    verdict: Verdict | None = None,
    reason: Annotated[str, Query(max_length=40)] = "",
    cursor: PageCursor = None,
    limit: PageLimit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """What would change, in the order of the file within each verdict."""
    rows = rows_of(one_survey(actor_of(request), survey_id), verdict or "", reason)
    items, following, earlier = paginate(rows, order=["id"], cursor=cursor, limit=limit)
    return {"items": [_row(row) for row in items], "next": following, "previous": earlier}


@router.patch("/surveys/{int:survey_id}/rows", response={200: ChosenOut, **REFUSALS},
              summary="Leave rows out")  # fmt: skip
def patch_rows(request: HttpRequest, survey_id: int, payload: RowChoice) -> dict[str, int]:
    """Leave rows out of the survey, or take them in again."""
    actor = actor_of(request)
    survey = one_survey(actor, survey_id)
    count = surveys.decline_rows(
        actor=actor, survey=survey, ids=payload.ids, declined=payload.declined
    )
    return {"count": count}


@router.post(
    "/surveys/{int:survey_id}/apply",
    response={200: SurveyOut, 202: SurveyOut, **REFUSALS},
    by_alias=True,
    summary="Apply a survey",
)
def post_apply(
    request: HttpRequest, survey_id: int, payload: ApplyIn | None = None
) -> Status[dict[str, Any]]:
    """All of it in one transaction. Large ones are applied by a job (202): look at the state."""
    actor, force = actor_of(request), bool(payload and payload.force)
    survey = one_survey(actor, survey_id)
    surveys.check_ready(actor=actor, survey=survey, force=force)
    large = survey.new + survey.changed + survey.gone > _AT_ONCE
    if large and actor.user_id is not None:
        apply_later.defer(survey_id=survey.pk, user_id=actor.user_id, force=force)
        return Status(202, _plain(survey))
    applied = surveys.apply_survey(actor=actor, survey=survey, force=force)
    return Status(200, _plain(applied))


@router.post(
    "/surveys/{int:survey_id}/discard",
    response={200: SurveyOut, **REFUSALS},
    by_alias=True,
    summary="Discard a survey",
)
def post_discard(request: HttpRequest, survey_id: int) -> dict[str, Any]:
    """Give it up; nothing of the register was changed."""
    actor = actor_of(request)
    return _plain(surveys.discard_survey(actor=actor, survey=one_survey(actor, survey_id)))


@router.get("/surveys/{int:survey_id}/rejected.csv", summary="Rejected rows as CSV",
            openapi_extra=_FILE)  # fmt: skip
def get_rejected_csv(request: HttpRequest, survey_id: int) -> StreamingHttpResponse:
    """Each with its reason and remedy, ready to be mended and imported again."""
    survey = one_survey(actor_of(request), survey_id)
    answer = StreamingHttpResponse(as_csv(survey), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="survey-{survey.pk}-rejected.csv"'
    return answer


@router.get("/surveys/{int:survey_id}/rejected.geojson", summary="Rejected rows as a layer",
            openapi_extra=_FILE)  # fmt: skip
def get_rejected_geojson(request: HttpRequest, survey_id: int) -> StreamingHttpResponse:
    """A GeoJSON FeatureCollection with reasons, to look at on a map."""
    survey = one_survey(actor_of(request), survey_id)
    answer = StreamingHttpResponse(as_geojson(survey), content_type="application/geo+json")
    answer["Content-Disposition"] = f'attachment; filename="survey-{survey.pk}-rejected.geojson"'
    return answer


def _plain(survey: Survey) -> dict[str, Any]:
    return {
        **{name: getattr(survey, name) for name in _NUMBERS},
        "passed_over": survey.settings.get("passed_over", 0),
        "complete": bool(survey.settings.get("complete")),
        "new_shown": bool(survey.settings.get("new_shown")),
        "too_many_rejected": surveys.too_many_rejected(survey),
        "refused": survey.settings.get("refused"),
    }


def _row(row: SurveyRow) -> dict[str, Any]:
    words = WORDS[Reason(row.reason)] if row.reason else None
    shape = getattr(row, "shape", None)
    return {
        **{name: getattr(row, name) for name in ("id", "line", "verdict", "code", "reason",
                                                 "detail", "before", "after", "declined")},
        "reason_zh": words.zh if words else "", "reason_en": words.en if words else "",
        "remedy_zh": words.remedy_zh if words else "",
        "remedy_en": words.remedy_en if words else "",
        "geometry": json.loads(shape) if shape else None,
    }  # fmt: skip
