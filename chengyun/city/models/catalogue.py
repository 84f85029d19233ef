"""What may be reported and what stands in the street: code catalogues, keyed by edition."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Edition(models.Model):
    """One edition of the code catalogue. How wide its codes are is data, never code.

    `kinds_share_codes` is true for the older national editions, whose component list and event
    list use the same numbers: their matter codes are written with a letter in front, `C0101` for
    a component and `E0101` for an event, so that one code means one matter.
    """

    code = models.TextField(unique=True)
    name_zh = models.TextField()
    name_en = models.TextField(blank=True, default="")
    class_width = models.PositiveSmallIntegerField()
    subclass_width = models.PositiveSmallIntegerField()
    serial_width = models.PositiveSmallIntegerField(
        default=6, help_text="Digits of the serial number at the end of a component's code."
    )
    kinds_share_codes = models.BooleanField(default=False)
    extension_from = models.TextField(
        blank=True, default="", help_text="First subclass number that a city may give out itself."
    )
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="city_edition_one_default",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ComponentClass(models.Model):
    """A kind of component (部件小类): water supply manhole cover, street lamp, …"""

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="component_classes")
    class_code = models.TextField()
    class_zh = models.TextField()
    class_en = models.TextField(blank=True, default="")
    sub_code = models.TextField()
    name_zh = models.TextField()
    name_en = models.TextField(blank=True, default="")
    aliases = ArrayField(models.TextField(), default=list, blank=True)
    evidence = models.TextField(blank=True, default="")
    extension = models.BooleanField(default=False)

    class Meta:
        ordering = ["edition", "class_code", "sub_code"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "class_code", "sub_code"], name="city_componentclass_code"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.class_code}{self.sub_code} {self.name_zh}"

    @property
    def code(self) -> str:
        """Class and subclass code together, as they stand inside a component's code."""
        return self.class_code + self.sub_code


class Matter(models.Model):
    """Something that happens and needs handling (事项小类); the class of a case.

    `code` is class and subclass code together, unique in its edition; see `Edition` for the letter
    that older editions need in front of it.
    """

    class Kind(models.TextChoices):
        COMPONENT = "component", "部件 component"
        EVENT = "event", "事件 event"

    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="matters")
    kind = models.TextField(choices=Kind.choices)
    code = models.TextField()
    class_code = models.TextField()
    class_zh = models.TextField()
    class_en = models.TextField(blank=True, default="")
    sub_code = models.TextField()
    name_zh = models.TextField()
    name_en = models.TextField(blank=True, default="")
    aliases = ArrayField(models.TextField(), default=list, blank=True)
    description = models.TextField(blank=True, default="")
    component_class = models.ForeignKey(
        ComponentClass, null=True, blank=True, on_delete=models.PROTECT, related_name="matters"
    )
    evidence = models.TextField(blank=True, default="")
    extension = models.BooleanField(default=False)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["edition", "code"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "code"], name="city_matter_code"),
            models.UniqueConstraint(
                fields=["edition", "kind", "class_code", "sub_code"], name="city_matter_parts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name_zh}"

    @property
    def class_token(self) -> str:
        """The class as grants name it: `gbt47678-2026:06`."""
        return f"{self.edition.code}:{self.code.removesuffix(self.sub_code)}"

    @property
    def token(self) -> str:
        """The subclass as grants name it: `gbt47678-2026:06001`."""
        return f"{self.edition.code}:{self.code}"

    @property
    def tokens(self) -> list[str]:
        """Class and subclass token, what a case carries in `scope_matters`."""
        return [self.class_token, self.token]


class Crosswalk(models.Model):
    """Which code of a newer edition continues a code of an older one.

    Codes are `Matter.code`; for `from_kind` component of editions with separate lists both sides
    carry their letter like everywhere else.
    """

    from_edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="leads_to")
    from_kind = models.TextField(choices=Matter.Kind.choices)
    from_code = models.TextField()
    to_edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="comes_from")
    to_code = models.TextField()
    note = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["from_edition", "from_code", "to_edition", "to_code"]
        constraints = [
            models.UniqueConstraint(
                fields=["from_edition", "from_code", "to_edition", "to_code"],
                name="city_crosswalk_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_code} → {self.to_code}"


class CatalogueVersion(models.Model):
    """Numbers that rise with every change of the catalogue; caches compare their sum. Each writer
    counts in a row that nobody else holds: none waits for the others."""

    number = models.BigIntegerField(default=0)
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return str(self.number)
