from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class OrganisationKind(models.TextChoices):
    """What a body is. A name of its own: the API describes other kinds too."""

    SUPERVISION_CENTRE = "supervision_centre", "监督中心"
    COMMAND_CENTRE = "command_centre", "指挥中心"
    DEPARTMENT = "department", "专业部门"
    STREET = "street", "街道"
    COMPANY = "company", "企业"
    OTHER = "other", "其他"


class Organisation(models.Model):
    """A body of the city: who supervises, who dispatches, who handles.

    `path` ("/A/B/") and `ancestors` (["A", "B"], own code last) are kept by
    `actions.save_organisation` for the whole subtree; nothing else writes them.
    """

    Kind = OrganisationKind

    code = models.TextField(unique=True, help_text="统一社会信用代码 (18) or a local code")
    name_zh = models.TextField()
    name_en = models.TextField(blank=True, default="")
    kind = models.TextField(choices=Kind.choices, default=Kind.DEPARTMENT)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    path = models.TextField(editable=False, default="")
    ancestors = ArrayField(models.TextField(), editable=False, default=list)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["code"]
        verbose_name = "organisation"
        indexes = [GinIndex(fields=["ancestors"], name="core_org_ancestors")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(code__regex=r"^[0-9A-Za-z_.-]{1,40}$"),
                name="core_org_code_form",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name_zh}"
