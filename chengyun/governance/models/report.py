"""The report: what somebody or something said, in their words. Many reports may make one case."""

from django.contrib.gis.db import models as gis
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from chengyun.governance.models.case import Case
from chengyun.governance.models.state import Channel


class Report(models.Model):
    """A signal as it came in. Its words and place are never changed; the case may be corrected."""

    number = models.CharField(max_length=24, unique=True, help_text="receipt number")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reports")
    channel = models.CharField(max_length=12, choices=Channel.choices)
    source = models.CharField(max_length=80, blank=True, default="", help_text="peer, file, device")
    external_id = models.CharField(max_length=120, blank=True, default="")
    idempotency_key = models.CharField(max_length=160, blank=True, default="")
    text = models.TextField()
    address = models.CharField(max_length=500, blank=True, default="")
    geom = gis.PointField(srid=4490, null=True, blank=True)
    place_note = models.CharField(
        max_length=20,
        blank=True,
        default="",
        help_text="'' | outside | default_point | none: why the position is not to be trusted",
    )
    matter = models.ForeignKey("city.Matter", null=True, on_delete=models.PROTECT)
    reporter = models.ForeignKey(
        "core.User", null=True, on_delete=models.PROTECT, related_name="reports"
    )
    contact = models.ForeignKey("core.Contact", null=True, on_delete=models.SET_NULL)
    reported_at = models.DateTimeField()
    received_at = models.DateTimeField()
    attachments = ArrayField(models.UUIDField(), default=list)
    media_url = models.URLField(max_length=500, blank=True, default="")
    attributes = models.JSONField(default=dict)
    suggestions = models.JSONField(default=dict, help_text="what was suggested, with reasons")
    first_found_by_public = models.BooleanField(
        default=False, help_text="漏报: a collector should have found it first"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=~Q(external_id=""),
                name="report_external_unique",
            ),
            models.UniqueConstraint(
                fields=["channel", "source", "idempotency_key"],
                condition=~Q(idempotency_key=""),
                name="report_idempotency_unique",
            ),
        ]
        indexes = [
            models.Index(fields=["received_at"], name="report_received_at"),
            models.Index(fields=["reporter", "-id"], name="report_reporter_id"),
            GinIndex(
                fields=["attachments"], name="report_attachments", condition=~Q(attachments=[])
            ),
        ]

    def __str__(self) -> str:
        return self.number


class VisitBack(models.Model):
    """The visit back (回访): was the reporter answered, is it solved, are they satisfied (三率)."""

    report = models.OneToOneField(Report, on_delete=models.PROTECT, related_name="visit")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="visits")
    due_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, help_text="when a message asked for the rating")
    done_at = models.DateTimeField(null=True)
    by = models.ForeignKey("core.User", null=True, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(
        max_length=10,
        choices=[("phone", "电话"), ("sms", "短信"), ("web", "网页")],
        blank=True,
        default="",
    )
    reached = models.BooleanField(null=True)
    answered = models.BooleanField(null=True)
    solved = models.BooleanField(null=True)
    satisfied = models.BooleanField(null=True)
    note = models.TextField(blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="visit_open_due", condition=Q(done_at=None)),
            models.Index(fields=["done_at"], name="visit_done_at"),
        ]

    def __str__(self) -> str:
        return f"visit {self.report_id}"


class AlarmSource(models.Model):
    """A machine that may raise alarms by signed webhook."""

    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    secret_encrypted = models.BinaryField()
    matter = models.ForeignKey("city.Matter", null=True, on_delete=models.PROTECT)
    active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.code
