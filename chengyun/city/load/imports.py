"""Importing files of points into a loaded city: good rows go in, bad ones are set aside."""

import csv
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from chengyun.city.coordinates import System
from chengyun.city.load import bulk
from chengyun.city.load.report import Count, Step
from chengyun.city.load.table import (
    Column,
    Fault,
    Problems,
    Row,
    open_binary,
    parse_cells,
    raw_rows,
    read_table,
)
from chengyun.city.queries import default_edition
from chengyun.core.actor import Actor
from chengyun.core.audit import record
from chengyun.core.models import Role

# As many rejected rows as anybody will mend; a file with more is the wrong file.
_MOST_REJECTED = 1_000_000


@dataclass(frozen=True)
class ImportOutcome:
    """What an import did. `rejected_file` holds the rejected rows with their reasons."""

    count: Count
    rejected: int
    rejected_file: Path | None


def import_components(
    path: Path,
    *,
    actor: Actor,
    system: System = System.CGCS2000,
    edition: str | None = None,
    encoding: str = "utf-8",
    step: Step = lambda done, total: None,
) -> ImportOutcome:
    """Import components from CSV or GeoJSON, plain or gzip; known ones are updated by code."""
    code = edition or default_edition().code

    def load(origin: bulk.Origin) -> Count:
        return bulk.load_components(origin, code, step, strict=False)

    return _import(path, actor, "components", bulk.COMPONENT_COLUMNS, system, encoding, load)


def import_addresses(
    path: Path,
    *,
    actor: Actor,
    system: System = System.CGCS2000,
    encoding: str = "utf-8",
    step: Step = lambda done, total: None,
) -> ImportOutcome:
    """Import addresses from CSV or GeoJSON, plain or gzip."""

    def load(origin: bulk.Origin) -> Count:
        return bulk.load_addresses(origin, step, strict=False)

    return _import(path, actor, "addresses", bulk.ADDRESS_COLUMNS, system, encoding, load)


@transaction.atomic
def _import(
    path: Path,
    actor: Actor,
    noun: str,
    columns: Sequence[Column],
    system: System,
    encoding: str,
    load: Callable[[bulk.Origin], Count],
) -> ImportOutcome:
    actor.require_role(Role.ADMINISTRATOR, Role.DATA_MANAGER)
    problems = Problems(limit=_MOST_REJECTED)
    geojson = ".geojson" in path.name or path.name.removesuffix(".gz").endswith(".json")
    rows = (
        _features(path, columns, problems)
        if geojson
        else read_table(path, columns, problems=problems, encoding=encoding)
    )
    count = load(bulk.Origin(rows, path.name, problems, system))
    unreadable = Problems()
    unreadable.extend(fault for fault in problems.faults if fault.fatal)
    unreadable.raise_if_any()
    rejected = {fault.row: fault for fault in reversed(problems.faults) if fault.row is not None}
    rejected_file = _set_aside(path, rejected, encoding, geojson) if rejected else None
    if count.created or count.changed:
        record(
            actor=actor,
            action=f"city.{noun}.import",
            object_type=f"city.{noun}",
            object_id=path.name,
            zh=f"导入 {path.name}: 新增 {count.created}, 更新 {count.changed}, "
            f"退回 {len(rejected)}",
            en=f"Imported {path.name}: {count.created} new, {count.changed} changed, "
            f"{len(rejected)} rejected",
            after={
                "created": count.created, "changed": count.changed, "rejected": len(rejected),
            },
        )  # fmt: skip
    return ImportOutcome(count, len(rejected), rejected_file)


def _features(path: Path, columns: Sequence[Column], problems: Problems) -> Iterator[Row]:
    """Rows of a GeoJSON file of points; the point gives lon and lat."""
    for number, feature in enumerate(_read_features(path, problems), start=1):
        texts, faults = _texts(feature), list[Fault]()
        values = parse_cells(path.name, number, texts, columns, faults)
        problems.extend(faults)
        if not faults:
            yield Row(number, values)


def _read_features(path: Path, problems: Problems) -> list[dict[str, Any]]:
    try:
        with open_binary(path) as raw:
            features = json.loads(raw.read().decode("utf-8-sig"))["features"]
        if isinstance(features, list) and all(isinstance(f, dict) for f in features):
            return features
    except (ValueError, KeyError, TypeError, OSError, EOFError, zlib.error, RecursionError):
        pass
    what = "it is not a GeoJSON FeatureCollection"
    problems.add(path.name, None, None, what, "export it again as GeoJSON in UTF-8", fatal=True)
    return []


def _texts(feature: dict[str, Any]) -> dict[str, str]:
    properties = feature.get("properties")
    texts = {
        name: str(value)
        for name, value in (properties if isinstance(properties, dict) else {}).items()
        if value is not None
    }
    geometry = feature.get("geometry")
    if isinstance(geometry, dict) and geometry.get("type") == "Point":
        place = geometry.get("coordinates")
        if isinstance(place, list) and len(place) >= 2:
            texts["lon"], texts["lat"] = repr(place[0]), repr(place[1])
    return texts


def _set_aside(path: Path, faults: dict[int, Fault], encoding: str, geojson: bool) -> Path:
    """Write `FILE.rejected.csv`: row number, reason, remedy, and the row as it was."""
    target = path.with_name(f"{path.name}.rejected.csv")
    with target.open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        place = "feature" if geojson else "row"
        heading: list[str] = []
        for line, cells in _raw_features(path) if geojson else raw_rows(path, encoding):
            if not heading:
                heading = cells
                writer.writerow([place, "column", "reason", "remedy", *heading])
            elif line in faults:
                fault = faults[line]
                why = [fault.column or "", fault.what, fault.remedy]
                writer.writerow([line, *why, *cells])
    return target


def _raw_features(path: Path) -> Iterator[tuple[int, list[str]]]:
    features = [_texts(feature) for feature in _read_features(path, Problems())]
    names = list(dict.fromkeys(name for texts in features for name in texts))
    yield 0, names or ["(nothing)"]
    for number, texts in enumerate(features, start=1):
        yield number, [texts.get(name, "") for name in names]
