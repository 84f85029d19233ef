from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from .organisation import Organisation
from .user import User


class Role(models.TextChoices):
    """The posts (岗位) of a city operation centre."""

    COLLECTOR = "collector", "采集员"
    ACCEPTOR = "acceptor", "受理员"
    SHIFT_LEADER = "shift_leader", "值班长"
    DISPATCHER = "dispatcher", "派遣员"
    DEPARTMENT = "department", "专业部门"
    HANDLER = "handler", "处置人员"
    EVALUATOR = "evaluator", "考核员"
    LEADER = "leader", "领导"
    DATA_MANAGER = "data_manager", "数据管理员"
    ADMINISTRATOR = "administrator", "系统管理员"

    @property
    def label_en(self) -> str:
        return _ENGLISH[self]


_ENGLISH = {
    Role.COLLECTOR: "collector",
    Role.ACCEPTOR: "acceptor",
    Role.SHIFT_LEADER: "shift leader",
    Role.DISPATCHER: "dispatcher",
    Role.DEPARTMENT: "department",
    Role.HANDLER: "handler",
    Role.EVALUATOR: "evaluator",
    Role.LEADER: "leader",
    Role.DATA_MANAGER: "data manager",
    Role.ADMINISTRATOR: "administrator",
}


class Axis(models.TextChoices):
    """Who supervises must not dispatch, who dispatches must not handle (监管分离)."""

    SUPERVISION = "supervision", "监督轴"
    COMMAND = "command", "指挥轴"
    HANDLING = "handling", "处置轴"


AXIS: dict[Role, Axis] = {
    Role.COLLECTOR: Axis.SUPERVISION,
    Role.ACCEPTOR: Axis.SUPERVISION,
    Role.SHIFT_LEADER: Axis.SUPERVISION,
    Role.EVALUATOR: Axis.SUPERVISION,
    Role.DISPATCHER: Axis.COMMAND,
    Role.DEPARTMENT: Axis.HANDLING,
    Role.HANDLER: Axis.HANDLING,
}


class Grant(models.Model):
    """One post of one user: role × organisation × area subtree × matter class.

    An empty `area_code` means everywhere, an empty `matter_code` every matter. The period is
    half-open: valid from `valid_from` up to, not including, `valid_until`.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.TextField(choices=Role.choices)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="grants"
    )
    area_code = models.TextField(blank=True, default="")
    matter_code = models.TextField(
        blank=True, default="", help_text="edition:class or edition:class+subclass"
    )
    valid_from = models.DateTimeField(default=timezone.now)
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["user_id", "role", "id"]
        constraints = [
            # nulls_distinct: two grants without an organisation are the same grant.
            models.UniqueConstraint(
                fields=["user", "role", "organisation", "area_code", "matter_code"],
                name="core_grant_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")),
                name="core_grant_period",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="core_grant_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.area_code or '*'} {self.matter_code or '*'}"
