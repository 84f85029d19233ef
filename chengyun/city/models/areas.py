"""Where things are: administrative areas, unit grids, and the grids people answer for."""

from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db.models import F, Q

from chengyun.city.coordinates import CGCS2000_SRID


class Area(models.Model):
    """One administrative area. Areas form one tree: city › district › street › community.

    `ancestors` holds the codes from the city down to this area, its own code included; it is what
    a case copies into `scope_areas`. `geom` is null where only the area's name is known.
    """

    class Level(models.TextChoices):
        CITY = "city", "市 city"
        DISTRICT = "district", "区县 district"
        STREET = "street", "街道 street"
        COMMUNITY = "community", "社区 community"

    code = models.TextField(unique=True)
    name_zh = models.TextField()
    name_en = models.TextField(blank=True, default="")
    level = models.TextField(choices=Level.choices)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    ancestors = ArrayField(models.TextField())
    geom = models.MultiPolygonField(srid=CGCS2000_SRID, null=True, blank=True)
    synthetic = models.BooleanField(
        default=False, help_text="The outline was made up, it is not a surveyed boundary."
    )
    population = models.IntegerField(null=True, blank=True)
    area_m2 = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["code"]
        indexes = [
            GinIndex(fields=["ancestors"], name="city_area_ancestors"),
            models.Index(fields=["level", "code"], name="city_area_level"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(level="city", parent__isnull=True)
                | (~Q(level="city") & Q(parent__isnull=False)),
                name="city_area_only_the_city_has_no_parent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name_zh}"


class UnitGrid(models.Model):
    """A unit grid (单元网格): the smallest polygon of management, about one hectare.

    The code has 15 digits (community code of 12 + serial of 3) where the city's communities have
    national codes. A retired grid keeps its code and gets `valid_until`, the first day on which it
    no longer holds.
    """

    code = models.TextField(unique=True)
    community = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="unit_grids")
    geom = models.MultiPolygonField(srid=CGCS2000_SRID)
    area_m2 = models.FloatField()
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)
    land_use = models.TextField(blank=True, default="")
    level_code = models.TextField(blank=True, default="")
    responsible_org_code = models.TextField(blank=True, default="")
    remark = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="city_unitgrid_ends_after_it_began",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class DutyGrid(models.Model):
    """A set of unit grids that people answer for: a team's duty grid or a collector's patrol."""

    class Kind(models.TextChoices):
        DUTY = "duty", "责任网格 duty grid"
        SUPERVISION = "supervision", "监督网格 supervision grid"

    code = models.TextField(unique=True)
    name = models.TextField()
    kind = models.TextField(choices=Kind.choices)
    organisation = models.ForeignKey(
        "core.Organisation",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="duty_grids",
    )
    unit_grids = models.ManyToManyField(UnitGrid, related_name="duty_grids", blank=True)
    users = models.ManyToManyField("core.User", related_name="duty_grids", blank=True)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"
