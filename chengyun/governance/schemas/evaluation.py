"""What goes over the wire of evaluation."""

from datetime import datetime
from typing import Any

from ninja import Field, Schema

from chengyun.governance.evaluation.compute import Cell, Row
from chengyun.governance.evaluation.judge import Judged
from chengyun.governance.evaluation.score import Score


class PeriodOut(Schema):
    """Half-open: ``start ≤ t < end``."""

    code: str
    start: datetime
    end: datetime


class ObjectOut(Schema):
    code: str = Field(description='"" is the total, "-" what belongs to no object')
    name_zh: str
    name_en: str
    role: str | None = None
    parent: str | None = None
    extents: dict[str, float | None] = Field(default={}, description="km2, unit_grids of a region")


class NumbersOut(Schema):
    period: str
    counts: dict[str, int]
    rates: dict[str, float | None] = Field(description="0/0 is null")


class CellOut(NumbersOut):
    score: float | None = None
    grade: str | None = None
    colour: str | None = None
    rank: int | None = None
    previous: NumbersOut | None = Field(default=None, description="环比: the period before")
    year_before: NumbersOut | None = Field(default=None, description="同比: a year ago")


class RowOut(Schema):
    object: ObjectOut
    cells: list[CellOut]


class TableOut(Schema):
    kind: str
    zone: str
    at: datetime = Field(description="what counts as now: nothing later is counted")
    periods: list[PeriodOut]
    schemes: list[str] = Field(description="codes of the schemes that gave the scores")
    rows: list[RowOut]
    total: RowOut | None


class MeasureOut(Schema):
    code: str
    name_zh: str
    name_en: str
    says_zh: str
    says_en: str
    kinds: list[str]
    row: str = Field(description="what is counted: case, report, visit, record, task …")


class RateOut(Schema):
    code: str
    name_zh: str
    name_en: str
    over: list[str]
    under: list[str]
    reverse: bool = Field(description="less is better")
    kinds: list[str]


class MeasuresOut(Schema):
    measures: list[MeasureOut]
    rates: list[RateOut]


class CountedOut(Schema):
    row: int = Field(description="id of the counted row; the case itself where cases are counted")
    source: str
    case: int
    number: str | None
    state: str
    matter: str | None
    matter_zh: str | None
    matter_en: str | None
    area: str | None
    department: str | None
    description: str
    at: datetime = Field(description="the moment by which it falls in the period")
    counts: int = Field(description="what it added to the number")


class WeightIn(Schema):
    weight: float = Field(gt=0, le=100)
    reverse: bool = False


class GradeIn(Schema):
    grade: str = Field(min_length=1, max_length=8)
    from_: float = Field(alias="from", ge=0, le=100)
    colour: str = Field(default="", max_length=20)


class SchemeBody(Schema):
    kind: str = Field(max_length=12)
    role: str = Field(default="", max_length=20)
    name_zh: str = Field(min_length=1, max_length=80)
    name_en: str = Field(min_length=1, max_length=80)
    weights: dict[str, WeightIn]
    grades: list[GradeIn] = Field(max_length=20)


class SchemeIn(SchemeBody):
    code: str = Field(pattern=r"^[a-z0-9_-]{1,40}$")


class SchemeOut(Schema):
    code: str
    kind: str
    role: str
    name_zh: str
    name_en: str
    weights: dict[str, Any]
    grades: list[dict[str, Any]]


def table_out(judged: Judged, zone: str) -> dict[str, Any]:
    """The table as plain data, in the shape of ``TableOut``."""
    table = judged.table
    return {
        "kind": table.request.kind.value,
        "zone": zone,
        "at": table.request.at,
        "periods": [
            {"code": p.code, "start": p.start, "end": p.end} for p in table.request.periods
        ],
        "schemes": list(judged.schemes),
        "rows": [_row(row, scores) for row, scores in zip(table.rows, judged.scores, strict=True)],
        "total": _row(table.total, ()) if table.total else None,
    }


def _row(row: Row, scores: tuple[Score, ...]) -> dict[str, Any]:
    object_ = row.object
    return {
        "object": {
            "code": object_.code,
            "name_zh": object_.zh,
            "name_en": object_.en,
            "role": object_.role,
            "parent": object_.parent,
            "extents": object_.extents,
        },
        "cells": [_cell(cell, scores[n] if scores else None) for n, cell in enumerate(row.cells)],
    }


def _numbers(cell: Cell) -> dict[str, Any]:
    return {"period": cell.period.code, "counts": cell.counts, "rates": cell.rates}


def _cell(cell: Cell, score: Score | None) -> dict[str, Any]:
    made = _numbers(cell)
    if score is not None:
        made |= {
            "score": score.score,
            "grade": score.grade,
            "colour": score.colour,
            "rank": score.rank,
        }
    if cell.previous is not None and cell.year_before is not None:
        made |= {"previous": _numbers(cell.previous), "year_before": _numbers(cell.year_before)}
    return made
