"""What Open311 adds to a matter: how its service answers, and the questions it asks."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Open311Service(models.Model):
    """How a matter is offered. A matter without a row is a listed realtime service."""

    class Kind(models.TextChoices):
        REALTIME = "realtime", "即时给出编号 realtime"
        BATCH = "batch", "受理后给出编号 batch"
        BLACKBOX = "blackbox", "不给编号 blackbox"

    matter = models.OneToOneField(
        "city.Matter", on_delete=models.CASCADE, related_name="open311_service"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.REALTIME)
    listed = models.BooleanField(default=True, help_text="offered to the public")

    def __str__(self) -> str:
        return f"{self.matter_id} {self.kind}"


class Open311Attribute(models.Model):
    """One question of a service definition. `variable` False is a text that is only shown."""

    class Datatype(models.TextChoices):
        STRING = "string", "短文字 string"
        NUMBER = "number", "数值 number"
        DATETIME = "datetime", "日期时间 datetime"
        TEXT = "text", "长文字 text"
        SINGLE = "singlevaluelist", "单选 singlevaluelist"
        MULTI = "multivaluelist", "多选 multivaluelist"

    matter = models.ForeignKey(
        "city.Matter", on_delete=models.CASCADE, related_name="open311_attributes"
    )
    code = models.SlugField(max_length=40)
    order = models.PositiveSmallIntegerField(help_text="1 is asked first")
    variable = models.BooleanField(default=True)
    datatype = models.CharField(max_length=16, choices=Datatype.choices)
    required = models.BooleanField(default=False)
    description_zh = models.CharField(max_length=300)
    description_en = models.CharField(max_length=300, blank=True, default="")
    hint_zh = models.CharField(max_length=300, blank=True, default="")
    hint_en = models.CharField(max_length=300, blank=True, default="")
    keys = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    names_zh = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    names_en = ArrayField(models.CharField(max_length=120), default=list, blank=True)

    class Meta:
        ordering = ["matter_id", "order"]
        constraints = [
            models.UniqueConstraint(fields=["matter", "code"], name="open311_attribute_code"),
            models.UniqueConstraint(fields=["matter", "order"], name="open311_attribute_order"),
            models.CheckConstraint(
                condition=Q(order__gte=1), name="open311_attribute_order_from_1"
            ),
            models.CheckConstraint(
                condition=Q(variable=True) | Q(required=False),
                name="open311_attribute_text_asks_nothing",
            ),
            models.CheckConstraint(
                condition=Q(keys__len__gte=1, datatype__in=["singlevaluelist", "multivaluelist"])
                | (Q(keys__len=0) & ~Q(datatype__in=["singlevaluelist", "multivaluelist"])),
                name="open311_attribute_lists_have_values",
            ),
            models.CheckConstraint(
                condition=Q(keys__len=models.F("names_zh__len"))
                & Q(keys__len=models.F("names_en__len")),
                name="open311_attribute_values_named",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.matter_id} {self.code}"

    @property
    def is_list(self) -> bool:
        """Whether answers are chosen from `keys`."""
        return self.datatype in (self.Datatype.SINGLE, self.Datatype.MULTI)


class Open311Token(models.Model):
    """Stands for a report whose request id is given only when the centre has accepted it."""

    token = models.CharField(max_length=40, unique=True)
    report = models.OneToOneField(
        "governance.Report", on_delete=models.CASCADE, related_name="open311_token"
    )

    def __str__(self) -> str:
        return self.token
