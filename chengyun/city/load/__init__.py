"""Loading a city folder: everything or nothing, and every mistake with its place."""

from functools import partial
from pathlib import Path

from django.db import transaction

from chengyun.city.load import areas, bulk, people
from chengyun.city.load.catalogue import load_catalogue
from chengyun.city.load.folder import FolderReader
from chengyun.city.load.report import Count, LoadReport, Progress, no_progress
from chengyun.city.load.table import (
    CellError,
    Column,
    Fault,
    LoadRefused,
    Problems,
    Row,
    Table,
    read_table,
)
from chengyun.city.snapshot import forget_catalogue
from chengyun.core.actor import Actor
from chengyun.core.audit import record
from chengyun.core.models import Role

__all__ = [
    "CellError",
    "Column",
    "Count",
    "Fault",
    "FolderReader",
    "LoadRefused",
    "LoadReport",
    "Problems",
    "Progress",
    "Row",
    "Table",
    "load_city",
    "read_table",
]


def load_city(
    folder: Path | FolderReader,
    *,
    actor: Actor,
    progress: Progress = no_progress,
    encoded_password: str | None = None,
) -> LoadReport:
    """Bring the database to what a city folder says; loading it again changes nothing.

    Rows are matched by their codes; rows that the folder does not name are kept. With any mistake
    in any file nothing is kept and LoadRefused is raised with up to 200 mistakes. New accounts get
    `encoded_password` (a hash), or cannot sign in until a password is set.
    """
    actor.require_role(Role.ADMINISTRATOR, Role.DATA_MANAGER)
    reader = folder if isinstance(folder, FolderReader) else FolderReader(folder)
    reader.problems.raise_if_any()
    try:
        with transaction.atomic():
            report = _load(reader, actor, progress, encoded_password)
            transaction.on_commit(forget_catalogue)
            return report
    finally:
        # What was read inside is not true any more when this, or a caller's, transaction fails.
        forget_catalogue()


def _load(
    reader: FolderReader, actor: Actor, progress: Progress, encoded_password: str | None
) -> LoadReport:
    report = LoadReport()

    def begin(step: str) -> None:
        # What follows builds on what was read: mistakes are told one level at a time.
        reader.problems.raise_if_any()
        progress(step, 0, None)

    begin("catalogue")
    report.add(load_catalogue(reader))
    report.counts["calendar"] = people.load_calendar(reader, actor)
    report.counts["organisations"] = people.load_organisations(reader, actor)
    report.counts["areas"] = areas.load_areas(reader)
    begin("unit grids")
    step = partial(progress, "unit grids")
    report.counts["unit grids"] = areas.load_unit_grids(reader, report.notes, step)
    report.counts["users"] = people.load_users(reader, actor, encoded_password)
    begin("grants")
    report.counts["grants"] = people.load_grants(reader, actor)
    report.counts["duty grids"] = areas.load_duty_grids(reader)
    begin("points")
    forget_catalogue()
    report.add(_load_points(reader, progress))
    reader.problems.raise_if_any()
    if report.changed:
        _record(actor, reader, report)
    return report


def _load_points(reader: FolderReader, progress: Progress) -> dict[str, Count]:
    counts: dict[str, Count] = {}
    addresses = reader.table("addresses.csv", bulk.ADDRESS_COLUMNS)
    if addresses is not None:
        origin = bulk.Origin(addresses, addresses.name, reader.problems)
        counts["addresses"] = bulk.load_addresses(origin, partial(progress, "addresses"))
    components = reader.table("components.csv", bulk.COMPONENT_COLUMNS)
    if components is not None:
        origin = bulk.Origin(components, components.name, reader.problems)
        edition = str(reader.city["edition"])
        step = partial(progress, "components")
        counts["components"] = bulk.load_components(origin, edition, step)
    return counts


def _record(actor: Actor, reader: FolderReader, report: LoadReport) -> None:
    name_zh = str(reader.city.get("name_zh", ""))
    name_en = str(reader.city.get("name_en", "")) or name_zh
    created = sum(count.created for count in report.counts.values())
    changed = sum(count.changed for count in report.counts.values())
    record(
        actor=actor,
        action="city.load",
        object_type="city.area",
        object_id=str(reader.city.get("code", "")),
        zh=f"载入城市 {name_zh}：新增 {created} 行，更新 {changed} 行",
        en=f"Loaded the city {name_en}: {created} rows new, {changed} changed",
        after={
            name: {"created": c.created, "changed": c.changed} for name, c in report.counts.items()
        },
    )
