"""The city's objects: every cover, lamp and bin with an identity of its own."""

from collections.abc import Mapping, Set

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils import timezone

from chengyun.city.coordinates import CGCS2000_SRID
from chengyun.city.models.areas import UnitGrid
from chengyun.city.models.catalogue import ComponentClass
from chengyun.city.models.surveys import Survey


class ComponentState(models.TextChoices):
    """What became of a component. A name of its own: the API describes cases' states too."""

    INTACT = "intact", "完好 intact"
    DAMAGED = "damaged", "破损 damaged"
    LOST = "lost", "丢失 lost"
    ABANDONED = "abandoned", "废弃 abandoned"
    REMOVED = "removed", "移除 removed"


class PositionAccuracy(models.TextChoices):
    """How well the place of a component is known; the metres of each class are the city's data."""

    A = "a", "A 级 class A"
    B = "b", "B 级 class B"
    C = "c", "C 级 class C"
    UNKNOWN = "", "未知 not known"


#: The organisations that a component has, by field.
PARTIES = ("authority", "owner", "maintainer")

_S = ComponentState
#: What may follow a state (部件状态). Removed is the end, until a data manager restores it.
BECOMES: Mapping[ComponentState, Set[ComponentState]] = {
    _S.INTACT: {_S.DAMAGED, _S.LOST, _S.ABANDONED, _S.REMOVED},
    _S.DAMAGED: {_S.INTACT, _S.LOST, _S.ABANDONED, _S.REMOVED},
    _S.LOST: {_S.INTACT, _S.DAMAGED, _S.ABANDONED, _S.REMOVED},  # replaced, or found again
    _S.ABANDONED: {_S.INTACT, _S.LOST, _S.REMOVED},  # in use again before it is damaged again
    _S.REMOVED: {_S.INTACT, _S.DAMAGED},  # by `restore_component` alone
}


class Component(models.Model):
    """A managed component (管理部件) with the attributes of the national field table."""

    State = ComponentState
    Accuracy = PositionAccuracy

    code = models.TextField(unique=True)
    component_class = models.ForeignKey(
        ComponentClass, on_delete=models.PROTECT, related_name="components", db_index=False
    )
    name = models.TextField()
    state = models.TextField(choices=State.choices, default=State.INTACT)
    unit_grid = models.ForeignKey(
        UnitGrid,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="components",
        db_index=False,
    )
    geom = models.PointField(srid=CGCS2000_SRID, help_text="Lies on its outline, if it has one.")
    outline = models.GeometryField(
        srid=CGCS2000_SRID,
        null=True,
        blank=True,
        spatial_index=False,
        help_text="Lines or polygons of what is more than a point: a bridge, a green space.",
    )
    authority = models.ForeignKey(
        "core.Organisation",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="components_supervised",
    )
    owner = models.ForeignKey(
        "core.Organisation",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="components_owned",
    )
    maintainer = models.ForeignKey(
        "core.Organisation",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="components_maintained",
        db_index=False,
    )
    first_surveyed = models.DateField(null=True, blank=True)
    changed_on = models.DateField(null=True, blank=True)
    source = models.TextField(blank=True, default="")
    remark = models.TextField(blank=True, default="")
    street_code = models.TextField(blank=True, default="")
    community_code = models.TextField(blank=True, default="")
    accuracy = models.TextField(
        choices=PositionAccuracy.choices, blank=True, default="", db_default=""
    )
    survey = models.ForeignKey(
        Survey,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="components",
        help_text="The survey that registered it, if one did.",
    )

    class Meta:
        ordering = ["code"]
        indexes = [
            # Each filter of the lists in the order of its list (city/components/filter.py); the
            # first columns serve the foreign keys too.
            models.Index(fields=["component_class", "code"], name="city_component_class"),
            models.Index(fields=["unit_grid", "code"], name="city_component_grid"),
            models.Index(fields=["maintainer", "code"], name="city_component_maintainer"),
            # Nearly all are intact: those are found by walking the codes.
            models.Index(
                fields=["state", "code"], name="city_component_state", condition=~Q(state="intact")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class ComponentChange(models.Model):
    """One change of a component (变更记录): who, when, from where. Never altered afterwards.

    `before` and `after` hold only what differs. What a survey registers anew has no row here: the
    component names the survey.
    """

    class Verb(models.TextChoices):
        REGISTER = "register", "登记 registered"
        CHANGE = "change", "变更 changed"
        REMOVE = "remove", "移除 removed"
        RESTORE = "restore", "恢复 restored"
        PHOTO = "photo", "照片 photo"

    component = models.ForeignKey(Component, on_delete=models.PROTECT, related_name="changes")
    at = models.DateTimeField(default=timezone.now)
    verb = models.TextField(choices=Verb.choices)
    actor = models.TextField(help_text="Name of the person or the command.")
    origin = models.TextField(help_text="api, ogc, survey, case …")
    survey = models.ForeignKey(
        Survey, null=True, blank=True, on_delete=models.PROTECT, related_name="changes"
    )
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["component", "-id"], name="city_change_component")]

    def __str__(self) -> str:
        return f"{self.verb} {self.component_id}"


class ComponentPhoto(models.Model):
    """A photo of a component. The file is an attachment; a photo taken down keeps its row."""

    component = models.ForeignKey(Component, on_delete=models.PROTECT, related_name="photos")
    attachment = models.ForeignKey("core.Attachment", on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    added_by = models.TextField()
    taken_down_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["component", "attachment"], name="city_componentphoto_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.component_id} {self.attachment_id}"
