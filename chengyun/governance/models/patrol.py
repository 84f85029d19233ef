"""Where people in the street were while they were on duty. Personal data: erased after a while."""

from django.contrib.gis.db import models as gis
from django.db import models
from django.db.models import Q


class PatrolPoint(models.Model):
    """One position of one person at one moment (UTC), CGCS2000, as their device told it."""

    # The unique constraint below is the index of a person's track.
    user = models.ForeignKey(
        "core.User", on_delete=models.PROTECT, related_name="patrol_points", db_index=False
    )
    at = models.DateTimeField()
    # Tracks are read by person and day, never by place.
    geom = gis.PointField(srid=4490, spatial_index=False)
    accuracy_m = models.FloatField(null=True, help_text="radius within which the device was")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "at"], name="patrol_point_once"),
            models.CheckConstraint(
                condition=Q(accuracy_m=None) | Q(accuracy_m__gte=0), name="patrol_point_accuracy"
            ),
        ]
        indexes = [models.Index(fields=["at"], name="patrol_point_at")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.at:%Y-%m-%d %H:%M:%S}"
