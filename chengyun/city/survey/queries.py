"""Reading surveys: each data manager sees those that lie within the area of the post."""

from collections.abc import Collection
from typing import Any

from django.contrib.gis.db.models.functions import AsGeoJSON
from django.db.models import Count, F, QuerySet

from chengyun.city.models import Survey, SurveyRow
from chengyun.city.survey.comparing import allowed_areas
from chengyun.city.survey.reasons import WORDS, Reason
from chengyun.core.actor import Actor
from chengyun.core.models import Role
from chengyun.core.problems import NotFound


def visible_surveys(actor: Actor) -> QuerySet[Survey]:
    """The surveys that a data manager may look at and apply. Raises Forbidden for others."""
    actor.require_role(Role.DATA_MANAGER)
    allowed = allowed_areas(actor.scope.for_roles([Role.DATA_MANAGER]))
    rows = Survey.objects.exclude(register=Survey.Register.LAYER)
    return rows if allowed is None else rows.filter(settings__allowed__contained_by=allowed)


def one_survey(actor: Actor, survey_id: int) -> Survey:
    """One of them. Raises NotFound."""
    found = visible_surveys(actor).filter(pk=survey_id).first()
    if found is None:
        raise NotFound(
            zh=f"没有普查 {survey_id}，或您无权查看。",
            en=f"There is no survey {survey_id}, or you may not see it.",
            field="survey_id",
            remedy_zh="请核对编号。",
            remedy_en="Check the number.",
        )
    return found


def reasons_of(survey: Survey) -> list[dict[str, Any]]:
    """Why rows were rejected, the most frequent first, in words."""
    rows = survey.rows.filter(verdict=SurveyRow.Verdict.REJECTED).values("reason")
    return [
        {
            "reason": row["reason"], "count": row["n"],
            "zh": WORDS[Reason(row["reason"])].zh, "en": WORDS[Reason(row["reason"])].en,
            "remedy_zh": WORDS[Reason(row["reason"])].remedy_zh,
            "remedy_en": WORDS[Reason(row["reason"])].remedy_en,
        }
        for row in rows.annotate(n=Count("id")).order_by("-n", "reason")
    ]  # fmt: skip


def declined_of(survey: Survey) -> dict[str, int]:
    """How many rows of each verdict a reviewer left out."""
    rows = survey.rows.filter(declined=True).values_list("verdict").annotate(n=Count("id"))
    return dict(rows.order_by("verdict"))


def rows_of(survey: Survey, verdict: str, reason: str) -> QuerySet[SurveyRow]:
    """Rows of a survey with their geometry as GeoJSON text."""
    rows = survey.rows.annotate(shape=AsGeoJSON(F("geom"), precision=8)).defer("geom")
    if verdict:
        rows = rows.filter(verdict=verdict)
    return rows.filter(reason=reason) if reason else rows


def files_of_surveys() -> Collection[str]:
    """What lies in the storage and is still to be read."""
    rows = Survey.objects.filter(state=Survey.State.READING, settings__has_key="stored")
    return set(rows.values_list("settings__stored", flat=True))
