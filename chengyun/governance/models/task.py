"""Work given to somebody inside a case, and what departments ask for."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from chengyun.governance.models.case import Case


class Task(models.Model):
    """One piece of work: verify, check (collectors), handle (one handler), co_handle (a body)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks")
    kind = models.CharField(
        max_length=10,
        choices=[
            ("verify", "核实"),
            ("check", "核查"),
            ("handle", "处置"),
            ("co_handle", "协办"),
        ],
    )
    organisation = models.ForeignKey(
        "core.Organisation", null=True, on_delete=models.PROTECT, related_name="tasks"
    )
    assignee = models.ForeignKey(
        "core.User", null=True, on_delete=models.PROTECT, related_name="tasks"
    )
    state = models.CharField(
        max_length=10,
        choices=[("open", "待办"), ("done", "完成"), ("cancelled", "取消")],
        default="open",
    )
    result = models.CharField(max_length=12, blank=True, default="")
    opinion = models.TextField(blank=True, default="")
    attachments = ArrayField(models.UUIDField(), default=list)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # One open task of each kind; co-handling has one for each department.
            models.UniqueConstraint(
                fields=["case", "kind"],
                condition=Q(state="open") & ~Q(kind="co_handle"),
                name="task_one_open",
            ),
            models.UniqueConstraint(
                fields=["case", "organisation"],
                condition=Q(state="open", kind="co_handle"),
                name="task_one_open_co_handle",
            ),
        ]
        indexes = [
            models.Index(
                fields=["assignee", "due_at"], name="task_mine", condition=Q(state="open")
            ),
            models.Index(fields=["kind", "due_at"], name="task_pool", condition=Q(state="open")),
            models.Index(fields=["assignee", "done_at"], name="task_done"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.case_id}"


class CaseRequest(models.Model):
    """What somebody asks for and somebody else decides: extension, suspension, deferral,
    forced closing, appeal against a timeout. The reviewer is never the applicant."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="requests")
    kind = models.CharField(
        max_length=14,
        choices=[
            ("extension", "延期"),
            ("suspension", "挂账"),
            ("deferral", "缓办"),
            ("forced_close", "强制结案"),
            ("appeal", "申诉"),
        ],
    )
    state = models.CharField(
        max_length=10,
        choices=[
            ("pending", "待审"),
            ("endorsed", "初审通过"),
            ("granted", "同意"),
            ("refused", "不同意"),
            ("withdrawn", "撤回"),
        ],
        default="pending",
    )
    reason = models.TextField()
    until = models.DateTimeField(null=True)
    applicant = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    applied_at = models.DateTimeField()
    reviewer = models.ForeignKey("core.User", null=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    decider = models.ForeignKey("core.User", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    opinion = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"],
                condition=Q(state__in=["pending", "endorsed"]),
                name="case_request_one_pending",
            )
        ]
        indexes = [
            models.Index(
                fields=["kind", "applied_at"],
                name="case_request_pending",
                condition=Q(state__in=["pending", "endorsed"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.case_id} {self.state}"


class Supervision(models.Model):
    """A leader presses on a case (督办); the department may have to answer."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="supervisions")
    kind = models.CharField(
        max_length=10,
        choices=[("timeout", "超期督办"), ("leader", "领导督办"), ("important", "重点督办")],
    )
    level = models.PositiveSmallIntegerField(default=1)
    requirement = models.TextField()
    reply_required = models.BooleanField(default=True)
    by = models.ForeignKey("core.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reply = models.TextField(blank=True, default="")
    replied_by = models.ForeignKey(
        "core.User", null=True, on_delete=models.PROTECT, related_name="+"
    )
    replied_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["case"],
                name="supervision_unanswered",
                condition=Q(reply_required=True, replied_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.case_id}"
