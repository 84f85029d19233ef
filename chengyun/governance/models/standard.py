"""Standards: what a case of a subclass must meet to be filed and closed, how long it may take,
and who is responsible for it. Everything here is a city's data."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from chengyun.core.deadlines import Unit
from chengyun.governance.models.state import Stage


class LimitUnit(models.TextChoices):
    """The units of a limit; the arithmetic is ``core.deadlines``."""

    URGENT_HOUR = Unit.URGENT_HOUR.value, Unit.URGENT_HOUR.zh
    URGENT_DAY = Unit.URGENT_DAY.value, Unit.URGENT_DAY.zh
    WORK_HOUR = Unit.WORK_HOUR.value, Unit.WORK_HOUR.zh
    WORK_DAY = Unit.WORK_DAY.value, Unit.WORK_DAY.zh
    NATURAL_DAY = Unit.NATURAL_DAY.value, Unit.NATURAL_DAY.zh


class Standard(models.Model):
    """One row of the filing and handling standard (立案条件, 处置时限, 结案条件).

    A row is never edited once a case was filed under it: a change is a new version with its own
    period of validity, and a case keeps the version it was filed under.
    """

    matter = models.ForeignKey("city.Matter", on_delete=models.PROTECT, related_name="standards")
    condition_key = models.CharField(max_length=80)
    condition_zh = models.TextField()
    condition_en = models.TextField(blank=True, default="")
    limit_class = models.CharField(max_length=8, blank=True, default="")
    limit = models.DecimalField(max_digits=8, decimal_places=2)
    unit = models.CharField(max_length=12, choices=LimitUnit.choices)
    make_safe_limit = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    make_safe_unit = models.CharField(
        max_length=12, choices=LimitUnit.choices, blank=True, default=""
    )
    closing_zh = models.TextField()
    closing_en = models.TextField(blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True, help_text="first day of no validity")

    class Meta:
        ordering = ["matter_id", "condition_key", "limit_class", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "condition_key", "limit_class", "version"],
                name="standard_unique_version",
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")),
                name="standard_validity_forward",
            ),
            models.CheckConstraint(condition=Q(limit__gt=0), name="standard_limit_positive"),
            models.CheckConstraint(
                condition=Q(make_safe_limit=None, make_safe_unit="")
                | (Q(make_safe_limit__gt=0) & ~Q(make_safe_unit="")),
                name="standard_make_safe_whole",
            ),
            # Two versions of one row are never valid on the same day.
            ExclusionConstraint(
                name="standard_versions_disjoint",
                expressions=[
                    ("matter", RangeOperators.EQUAL),
                    ("condition_key", RangeOperators.EQUAL),
                    ("limit_class", RangeOperators.EQUAL),
                    (
                        Func(
                            "valid_from",
                            "valid_until",
                            Value("[)"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.matter_id} {self.condition_key} {self.limit} {self.unit}"


class Responsibility(models.Model):
    """The default department of a matter in an area. The most specific row wins:
    subclass over class over every matter, then the deeper area."""

    matter_token = models.CharField(
        max_length=60,
        blank=True,
        default="",
        help_text="class or subclass token; '' = every matter",
    )
    area_code = models.CharField(
        max_length=32, blank=True, default="", help_text="'' = the whole city"
    )
    organisation = models.ForeignKey(
        "core.Organisation", on_delete=models.PROTECT, related_name="responsibilities"
    )

    class Meta:
        verbose_name_plural = "responsibilities"
        constraints = [
            models.UniqueConstraint(
                fields=["matter_token", "area_code"], name="responsibility_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.matter_token or '*'} {self.area_code or '*'}"


class DeskLimit(models.Model):
    """How long a desk step may take (accept, verify, file, dispatch, feedback, check, close)."""

    stage = models.CharField(max_length=10, choices=Stage.choices, unique=True)
    limit = models.DecimalField(max_digits=10, decimal_places=4)
    unit = models.CharField(max_length=12, choices=LimitUnit.choices)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(limit__gt=0), name="desk_limit_positive"),
            models.CheckConstraint(condition=~Q(stage="handle"), name="desk_limit_not_handle"),
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.limit} {self.unit}"


class EvaluationScheme(models.Model):
    """Weights and grades of an evaluation, as data (GB/T 30428.4 leaves them to the city).

    ``weights``: ``{measure_code: {"weight": 0..100, "reverse": bool}}`` summing to 100;
    ``grades``: ``[{"grade": "A", "from": 90, "colour": "#…"}, …]`` falling.
    """

    code = models.CharField(max_length=40, unique=True)
    kind = models.CharField(
        max_length=12,
        choices=[("region", "区域"), ("department", "部门"), ("post", "岗位")],
    )
    role = models.CharField(max_length=20, blank=True, default="")
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    weights = models.JSONField()
    grades = models.JSONField()

    def __str__(self) -> str:
        return self.code


class ClassifierModel(models.Model):
    """A trained text classifier of the city: its quality is stored beside it."""

    trained_at = models.DateTimeField()
    edition = models.ForeignKey("city.Edition", on_delete=models.PROTECT)
    samples = models.PositiveIntegerField()
    classes = models.PositiveIntegerField()
    macro_f1 = models.FloatField()
    report = models.JSONField(help_text="per class: precision, recall, f1, support")
    tokens = ArrayField(models.CharField(max_length=60), help_text="subclass tokens in model order")
    storage_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["-trained_at"]

    def __str__(self) -> str:
        return f"{self.trained_at:%Y-%m-%d %H:%M} F1 {self.macro_f1:.3f}"
