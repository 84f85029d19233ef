"""The city's objects: every cover, lamp and bin with an identity of its own."""

from django.contrib.gis.db import models

from chengyun.city.coordinates import CGCS2000_SRID
from chengyun.city.models.areas import UnitGrid
from chengyun.city.models.catalogue import ComponentClass


class ComponentState(models.TextChoices):
    """What became of a component. A name of its own: the API describes cases' states too."""

    INTACT = "intact", "完好 intact"
    DAMAGED = "damaged", "破损 damaged"
    LOST = "lost", "丢失 lost"
    ABANDONED = "abandoned", "废弃 abandoned"
    REMOVED = "removed", "移除 removed"


class Component(models.Model):
    """A managed component (管理部件) with the attributes of the national field table."""

    State = ComponentState

    code = models.TextField(unique=True)
    component_class = models.ForeignKey(
        ComponentClass, on_delete=models.PROTECT, related_name="components"
    )
    name = models.TextField()
    state = models.TextField(choices=State.choices, default=State.INTACT)
    unit_grid = models.ForeignKey(
        UnitGrid, null=True, blank=True, on_delete=models.PROTECT, related_name="components"
    )
    geom = models.PointField(srid=CGCS2000_SRID)
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
    )
    first_surveyed = models.DateField(null=True, blank=True)
    changed_on = models.DateField(null=True, blank=True)
    source = models.TextField(blank=True, default="")
    remark = models.TextField(blank=True, default="")
    street_code = models.TextField(blank=True, default="")
    community_code = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
