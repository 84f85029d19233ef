"""The case: one row holds the current state, an append-only record holds its life."""

from datetime import UTC, datetime

from django.contrib.gis.db import models as gis
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce

from chengyun.core.models.scoped import Scoped, scope_index
from chengyun.governance.models.state import OPEN, Channel, Stage, State

#: Where a case without a running clock stands in the order of deadlines: at the end.
NEVER = datetime(9999, 12, 31, tzinfo=UTC)


class Case(Scoped):
    """A problem with a clock.

    All times are UTC. ``actions`` keeps the inherited scope arrays (``core.access``) equal to
    place, departments and matter.
    ``version`` counts writes, so that a form that was opened on an older state is refused.
    """

    number = models.CharField(
        max_length=40, null=True, blank=True, unique=True, help_text="given when filed"
    )
    state = models.CharField(max_length=20, choices=State.choices, default=State.REPORTED)
    channel = models.CharField(max_length=12, choices=Channel.choices)
    urgency = models.CharField(
        max_length=10, choices=[("normal", "一般"), ("urgent", "紧急")], default="normal"
    )
    origin = models.CharField(
        max_length=10, choices=[("live", "live"), ("import", "import")], default="live"
    )
    version = models.PositiveIntegerField(default=1)

    # What and where
    matter = models.ForeignKey("city.Matter", null=True, on_delete=models.PROTECT)
    standard = models.ForeignKey("governance.Standard", null=True, on_delete=models.PROTECT)
    description = models.TextField()
    address = models.CharField(max_length=500, blank=True, default="")
    geom = gis.PointField(srid=4490, null=True, blank=True, spatial_index=False)
    unit_grid = models.ForeignKey(
        "city.UnitGrid", null=True, on_delete=models.PROTECT, db_index=False
    )
    area = models.ForeignKey(
        "city.Area", null=True, on_delete=models.PROTECT, help_text="the smallest known area"
    )
    district_code = models.CharField(max_length=32, blank=True, default="")
    component = models.ForeignKey("city.Component", null=True, on_delete=models.PROTECT)
    public = models.BooleanField(default=True, help_text="may be shown to everybody (Open311)")

    # Who
    department = models.ForeignKey(
        "core.Organisation", null=True, on_delete=models.PROTECT, related_name="cases"
    )
    handler = models.ForeignKey(
        "core.User", null=True, on_delete=models.PROTECT, related_name="handled_cases"
    )

    # When (the last time each step was done)
    reported_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    filed_at = models.DateTimeField(null=True, blank=True)
    dispatched_at = models.DateTimeField(null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    # Due (when each step had to be done)
    accept_due_at = models.DateTimeField(null=True, blank=True)
    verify_due_at = models.DateTimeField(null=True, blank=True)
    file_due_at = models.DateTimeField(null=True, blank=True)
    dispatch_due_at = models.DateTimeField(null=True, blank=True)
    handle_due_at = models.DateTimeField(null=True, blank=True)
    make_safe_due_at = models.DateTimeField(null=True, blank=True)
    make_safe_at = models.DateTimeField(null=True, blank=True)
    check_due_at = models.DateTimeField(null=True, blank=True)
    close_due_at = models.DateTimeField(null=True, blank=True)

    # The running clock
    stage = models.CharField(max_length=10, choices=Stage.choices, blank=True, default="accept")
    stage_started_at = models.DateTimeField(null=True, blank=True)
    stage_due_at = models.DateTimeField(null=True, blank=True)
    stage_warn_at = models.DateTimeField(null=True, blank=True)
    warned = models.PositiveSmallIntegerField(default=0, help_text="0 none, 1 yellow, 2 red")
    paused_since = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)

    # Facts that evaluation counts
    verify_result = models.CharField(max_length=12, blank=True, default="")
    check_result = models.CharField(max_length=12, blank=True, default="")
    handle_late = models.BooleanField(default=False, help_text="the raw fact; never taken back")
    timeout_exempt = models.BooleanField(default=False, help_text="an appeal was granted")
    rework_count = models.PositiveSmallIntegerField(default=0)
    wrong_dispatch_count = models.PositiveSmallIntegerField(default=0)
    extension_count = models.PositiveSmallIntegerField(default=0)
    suspension_count = models.PositiveSmallIntegerField(default=0)
    urge_count = models.PositiveSmallIntegerField(default=0)
    supervision_count = models.PositiveSmallIntegerField(default=0)
    reopen_count = models.PositiveSmallIntegerField(default=0)
    report_count = models.PositiveIntegerField(default=1)
    forced = models.BooleanField(default=False)
    corrected = models.BooleanField(default=False, help_text="class or place changed after filing")
    self_handled = models.BooleanField(default=False, help_text="fixed on the spot by a collector")
    answered = models.BooleanField(null=True, blank=True)
    solved = models.BooleanField(null=True, blank=True)
    satisfied = models.BooleanField(null=True, blank=True)

    merged_into = models.ForeignKey(
        "self", null=True, on_delete=models.PROTECT, related_name="merged_cases"
    )
    status_note = models.TextField(blank=True, default="", help_text="public, plain words")
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in State]), name="case_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(closed_at__isnull=False),
                name="case_closed_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="merged") | Q(merged_into__isnull=False),
                name="case_merged_has_main",
            ),
            models.CheckConstraint(
                condition=Q(filed_at=None) | Q(number__isnull=False), name="case_filed_has_number"
            ),
        ]
        indexes = [
            # Lists run newest first by id; the others serve filters that cut deep.
            models.Index(fields=["state", "-id"], name="case_state_id"),
            models.Index(fields=["department", "-id"], name="case_department_id"),
            models.Index(fields=["matter", "-id"], name="case_matter_id"),
            models.Index(fields=["district_code", "-id"], name="case_district_id"),
            models.Index(fields=["reported_at"], name="case_reported_at"),
            models.Index(fields=["filed_at"], name="case_filed_at"),
            models.Index(fields=["dispatched_at"], name="case_dispatched_at"),
            models.Index(fields=["handle_due_at"], name="case_handle_due_at"),
            # Numbers of every grid of the city are counted from the index alone.
            models.Index(
                fields=["unit_grid"], name="case_unit_grid", include=["state", "filed_at"]
            ),
            # What the overview counts of a week of closed cases stands in the index.
            models.Index(
                fields=["closed_at"],
                name="case_closed_at",
                include=["district_code", "state", "forced", "handle_late", "timeout_exempt"],
            ),
            # The overview counts all that is open: from the index alone, permission by place and
            # matter included. Organisations are left out: a case may have too many for an index.
            models.Index(
                fields=["district_code"],
                name="case_open_overview",
                include=[
                    "department",
                    "state",
                    "stage",
                    "stage_due_at",
                    "paused_since",
                    "scope_areas",
                    "scope_matters",
                ],
                condition=Q(state__in=sorted(s.value for s in OPEN)),
            ),
            # The timer jobs read only what is open and not yet warned.
            models.Index(
                fields=["stage_due_at"],
                name="case_open_due",
                condition=Q(state__in=sorted(s.value for s in OPEN), paused_since=None),
            ),
            # The order of deadlines, cases whose clock stands still last (queries.ordered_cases).
            models.Index(
                Coalesce("stage_due_at", Value(NEVER, output_field=models.DateTimeField())),
                "id",
                name="case_open_by_due",
                condition=Q(state__in=sorted(s.value for s in OPEN)),
            ),
            models.Index(
                fields=["stage_warn_at"],
                name="case_open_warn",
                condition=Q(
                    state__in=sorted(s.value for s in OPEN), paused_since=None, warned__lt=2
                ),
            ),
            models.Index(
                fields=["paused_until"], name="case_wake", condition=Q(paused_since__isnull=False)
            ),
            models.Index(
                fields=["merged_into"],
                name="case_merged_into",
                condition=Q(merged_into__isnull=False),
            ),
            scope_index("case_scope"),
        ]

    def __str__(self) -> str:
        return self.number or f"#{self.pk}"


class CaseRecord(models.Model):
    """One step of a case's life. Append-only: a trigger refuses UPDATE and DELETE."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="records")
    seq = models.PositiveIntegerField()
    operation = models.CharField(max_length=24)
    from_state = models.CharField(max_length=20, choices=State.choices, blank=True, default="")
    to_state = models.CharField(max_length=20, choices=State.choices)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        "core.User", null=True, on_delete=models.PROTECT, related_name="case_records"
    )
    actor_label = models.CharField(max_length=120)
    actor_role = models.CharField(max_length=20, blank=True, default="")
    actor_organisation = models.ForeignKey(
        "core.Organisation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    receiver = models.ForeignKey("core.User", null=True, on_delete=models.PROTECT, related_name="+")
    receiver_organisation = models.ForeignKey(
        "core.Organisation", null=True, on_delete=models.PROTECT, related_name="+"
    )
    stage = models.CharField(max_length=10, choices=Stage.choices, blank=True, default="")
    stage_started_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    used_seconds = models.BigIntegerField(null=True, help_text="time the step took, pauses out")
    timed_out = models.BooleanField(default=False)
    opinion = models.TextField(blank=True, default="")
    data = models.JSONField(default=dict)
    attachments = ArrayField(models.UUIDField(), default=list)

    class Meta:
        ordering = ["case_id", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["case", "seq"], name="case_record_seq_unique")
        ]
        indexes = [
            models.Index(fields=["actor", "at"], name="case_record_actor_at"),
            # Who may see a photo is asked by its id.
            GinIndex(
                fields=["attachments"],
                name="case_record_attachments",
                condition=~Q(attachments=[]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.seq} {self.operation}"


class ClockPause(models.Model):
    """A span in which the handling clock stood still: every pause is a row."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="pauses")
    reason = models.CharField(
        max_length=12,
        choices=[("suspended", "挂账"), ("deferred", "缓办"), ("review", "反馈与核查")],
    )
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["case_id", "started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at=None), name="clock_pause_one_open"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=models.F("started_at")),
                name="clock_pause_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.reason}"


class CaseNumber(models.Model):
    """The last serial given per day and district. Incremented inside the filing transaction:
    a rolled-back filing gives its serial back, so numbers have no gaps."""

    day = models.DateField()
    prefix = models.CharField(max_length=32)
    last = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "prefix"], name="case_number_unique_day")
        ]

    def __str__(self) -> str:
        return f"{self.prefix} {self.day} {self.last}"
