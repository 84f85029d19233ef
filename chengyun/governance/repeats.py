"""Repeats (高发): what was filed again at the same place.

A case is a repeat when a case of the same subclass had been filed in the same cell of 50 m within
the days before. It is a fact of the case and the same for everybody, whoever may see the earlier
one; evaluation counts by the same cells (`evaluation.measures`). Reports that were merged into a
case are one trouble told twice, and no repeat: they were never filed.
"""

from datetime import timedelta

from django.db.models import (
    BigIntegerField,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    Func,
    OuterRef,
)

from chengyun.governance.models import Case

#: How far back the earlier case may lie unless the caller says otherwise.
REPEAT_DAYS = 30


class PlaceCell(Func):
    """The 50 m cell of a point, as a number (migration 0009): rows of latitude, and in each row
    columns of the row's own width."""

    function = "governance_place_cell"
    output_field = BigIntegerField()


def repeated(days: int = REPEAT_DAYS) -> Exists:
    """The condition on a case of being a repeat. Uses index: case_filed_here."""
    here = PlaceCell(OuterRef("geom"), output_field=BigIntegerField())
    earliest = ExpressionWrapper(
        OuterRef("filed_at") - timedelta(days=days), output_field=DateTimeField()
    )
    return Exists(
        Case.objects.alias(cell=PlaceCell("geom")).filter(
            matter=OuterRef("matter"),
            cell=here,
            filed_at__lt=OuterRef("filed_at"),
            filed_at__gte=earliest,
        )
    )
