"""Files that surveyors and departments hand in, and what each would change in a register."""

from django.contrib.gis.db import models
from django.db.models import Q

from chengyun.city.coordinates import CGCS2000_SRID


class Survey(models.Model):
    """One file of a survey (普查成果) on its way into a register.

    Nothing of the register changes before it is applied; applying is one transaction. `cursor` is
    the last row of the file that was read for good, so that a killed reading goes on behind it.
    """

    class Register(models.TextChoices):
        COMPONENTS = "components", "部件 components"
        UNIT_GRIDS = "unit_grids", "单元网格 unit grids"
        ADDRESSES = "addresses", "地址 addresses"
        LAYER = "layer", "图层 layer"

    class State(models.TextChoices):
        READING = "reading", "读取中 being read"
        REVIEW = "review", "待审核 waiting for review"
        APPLIED = "applied", "已入库 applied"
        DISCARDED = "discarded", "已放弃 discarded"

    register = models.TextField(choices=Register.choices)
    target = models.TextField(blank=True, default="", help_text="Code of the layer, if it is one.")
    title = models.TextField()
    file_name = models.TextField()
    sha256 = models.TextField()
    settings = models.JSONField(default=dict, help_text="Mapping, system, encoding, tolerance.")
    state = models.TextField(choices=State.choices, default=State.READING)
    cursor = models.BigIntegerField(default=0)
    read = models.BigIntegerField(default=0)
    new = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    gone = models.BigIntegerField(default=0)
    same = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    started_at = models.DateTimeField(auto_now_add=True)
    started_by = models.TextField()
    finished_at = models.DateTimeField(null=True, blank=True)
    finished_by = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["-id"]
        constraints = [
            # A second reading of the same file finds the first one instead of doubling its rows.
            models.UniqueConstraint(
                fields=["register", "target", "sha256"],
                condition=Q(state__in=["reading", "review"]),
                name="city_survey_one_open_per_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.title}"


class SurveyRow(models.Model):
    """What one row of a survey would do, or why it cannot. Rows that change nothing are counted,
    not kept.

    `line` is the row of the file from 1, null for an object that the survey no longer has.
    `before` and `after` hold the fields that differ; `after` of a new row holds all of them, that
    of a rejected one the row as it came.
    """

    class Verdict(models.TextChoices):
        NEW = "new", "新增 new"
        CHANGED = "changed", "变更 changed"
        GONE = "gone", "消失 gone"
        REJECTED = "rejected", "退回 rejected"

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="rows")
    line = models.BigIntegerField(null=True, blank=True)
    verdict = models.TextField(choices=Verdict.choices)
    code = models.TextField(blank=True, default="")
    reason = models.TextField(blank=True, default="", help_text="Code of the reason, if rejected.")
    detail = models.TextField(blank=True, default="")
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)
    geom = models.GeometryField(srid=CGCS2000_SRID, null=True, blank=True)
    declined = models.BooleanField(default=False, help_text="A reviewer left this row out.")

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["survey", "verdict", "id"], name="city_surveyrow_verdict"),
            models.Index(fields=["survey", "code"], name="city_surveyrow_code"),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} {self.code}"
