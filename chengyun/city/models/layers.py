"""Layers as data: any table or view with a geometry, drawn by its description, and its fillings."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class Layer(models.Model):
    """One layer of the map that is data, not program (图层).

    `relation` is a table or view as `schema.name`; tables that the platform made lie in the schema
    `layers`. `fields` is a list of `{name, zh, en, kind}` in the order of showing. `style` and its
    legend are described in docs/city/layers.md. Rows are limited by `area_field` (the code of an
    area) and `organisation_field` (that of an organisation) to what the caller's grants reach.
    """

    class Shape(models.TextChoices):
        POINT = "point", "点 points"
        LINE = "line", "线 lines"
        POLYGON = "polygon", "面 polygons"

    class Access(models.TextChoices):
        PUBLIC = "public", "公开 everybody"
        SIGNED_IN = "signed_in", "登录用户 whoever is signed in"
        GRANTED = "granted", "按权限 by area and organisation of each row"

    code = models.TextField(unique=True)
    name_zh = models.TextField()
    name_en = models.TextField(blank=True, default="")
    about = models.TextField(blank=True, default="", help_text="Where it comes from, its licence.")
    folder = models.TextField(blank=True, default="", help_text="Branch of the layer tree.")
    position = models.IntegerField(default=0)
    organisation = models.ForeignKey(
        "core.Organisation",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="layers",
    )
    relation = models.TextField()
    own_table = models.BooleanField(default=False, help_text="The table was made for this layer.")
    id_field = models.TextField(default="id")
    geometry_field = models.TextField(default="geom")
    srid = models.IntegerField(default=4490)
    shape = models.TextField(choices=Shape.choices)
    fields = models.JSONField(default=list)
    time_field = models.TextField(blank=True, default="")
    area_field = models.TextField(blank=True, default="")
    organisation_field = models.TextField(blank=True, default="")
    roads = models.BooleanField(
        default=False, help_text="Its lines are the roads: ways lead along."
    )
    oneway_field = models.TextField(blank=True, default="")
    style = models.JSONField(default=dict)
    opacity = models.FloatField(default=1.0)
    minzoom = models.PositiveSmallIntegerField(default=0)
    maxzoom = models.PositiveSmallIntegerField(default=22)
    visible = models.BooleanField(default=False, help_text="Switched on when the map opens.")
    access = models.TextField(choices=Access.choices, default=Access.SIGNED_IN)
    roles = ArrayField(
        models.TextField(), default=list, blank=True, help_text="Posts that may see it; empty: all."
    )
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["folder", "position", "code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(minzoom__lte=F("maxzoom"), maxzoom__lte=22),
                name="city_layer_zooms",
            ),
            models.CheckConstraint(
                condition=Q(opacity__gte=0, opacity__lte=1), name="city_layer_opacity"
            ),
            models.CheckConstraint(
                condition=Q(roads=False) | Q(shape="line"), name="city_layer_roads_are_lines"
            ),
            models.CheckConstraint(
                condition=~Q(access="granted") | ~Q(area_field="", organisation_field=""),
                name="city_layer_granted_by_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name_zh}"


class LayerFilling(models.Model):
    """A file that takes the place of a layer's rows: waiting, at work, or what became of it.

    The row is what counts, its job only comes to it: a job that is lost is sent for again.
    `said` is how to read the file, `result` holds reasons, first rejected rows, and columns
    and fields without a counterpart; `refused` says why nothing was changed, and the way out.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "等待中 waiting"
        RUNNING = "running", "导入中 at work"
        DONE = "done", "已完成 done"
        FAILED = "failed", "未成功 failed"
        CANCELLED = "cancelled", "已取消 cancelled"

    layer = models.ForeignKey(Layer, on_delete=models.CASCADE, related_name="fillings")
    state = models.TextField(choices=State.choices, default=State.WAITING)
    file_name = models.TextField()
    stored = models.TextField(blank=True, default="", help_text="Where the file waits.")
    said = models.JSONField(default=dict, help_text="Layer of the file, system, encoding.")
    attempts = models.PositiveSmallIntegerField(default=0)
    total = models.BigIntegerField(null=True, blank=True, help_text="Rows of the file, if known.")
    read = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    rejected = models.BigIntegerField(default=0)
    result = models.JSONField(default=dict)
    refused = models.JSONField(null=True, blank=True)
    rejected_file = models.TextField(blank=True, default="", help_text="Where their CSV lies.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    asked_by = models.TextField()
    asked_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            # A second file would take the place of the first before anybody saw it.
            models.UniqueConstraint(
                fields=["layer"],
                condition=Q(state__in=["waiting", "running"]),
                name="city_layerfilling_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.file_name}"
