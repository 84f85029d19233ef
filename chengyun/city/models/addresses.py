"""Addresses and place names, found by their text or by the nearest point."""

from django.contrib.gis.db import models

from chengyun.city.coordinates import CGCS2000_SRID
from chengyun.city.models.areas import Area, UnitGrid


class Address(models.Model):
    """A standard address or place name at a point."""

    class Kind(models.TextChoices):
        DOOR = "door", "门牌 door plate"
        BUILDING = "building", "楼牌 building"
        COMPOUND = "compound", "小区 residential compound"
        ROAD = "road", "道路 road"
        PLACE = "place", "兴趣点 place of interest"
        ZONE = "zone", "片区 zone"

    full_text = models.TextField()
    kind = models.TextField(choices=Kind.choices)
    geom = models.PointField(srid=CGCS2000_SRID)
    area = models.ForeignKey(
        Area, null=True, blank=True, on_delete=models.PROTECT, related_name="addresses"
    )
    unit_grid = models.ForeignKey(
        UnitGrid, null=True, blank=True, on_delete=models.PROTECT, related_name="addresses"
    )
    source = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["full_text"]
        verbose_name_plural = "addresses"
        constraints = [
            models.UniqueConstraint(fields=["full_text", "kind"], name="city_address_once"),
        ]
        # Found by the indexes of migration 0009: every pair of characters, and the beginning.

    def __str__(self) -> str:
        return self.full_text
