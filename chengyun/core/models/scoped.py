from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class Scoped(models.Model):
    """A row that permissions apply to: it carries the codes that grants are compared with.

    `scope_areas` holds the code of its area and of every ancestor of it; `scope_orgs` every
    involved organisation and its ancestors; `scope_matters` the class and the subclass token.
    Carrying ancestors makes a subtree grant one indexed array test (see `core/access.py`).
    """

    scope_areas = ArrayField(models.TextField(), default=list, blank=True)
    scope_orgs = ArrayField(models.TextField(), default=list, blank=True)
    scope_matters = ArrayField(models.TextField(), default=list, blank=True)

    class Meta:
        abstract = True


def scope_index(name: str) -> GinIndex:
    """The index a Scoped table declares in its Meta, so that every grant test can use it."""
    return GinIndex(fields=["scope_areas", "scope_orgs", "scope_matters"], name=name)
