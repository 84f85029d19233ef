"""The whole catalogue and all areas in memory: small, read on every request, rarely changed."""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db import connection

# How long a process may go on with a catalogue that another process has changed.
CHECK_EVERY_SECONDS = 5.0


@dataclass(frozen=True)
class EditionInfo:
    """One edition of the catalogue."""

    id: int
    code: str
    name_zh: str
    name_en: str
    class_width: int
    subclass_width: int
    serial_width: int
    kinds_share_codes: bool
    is_default: bool


@dataclass(frozen=True)
class MatterInfo:
    """One matter with its names and its tokens (`edition:class`, `edition:class+subclass`)."""

    id: int
    edition: str
    kind: str
    code: str
    class_code: str
    class_zh: str
    class_en: str
    sub_code: str
    name_zh: str
    name_en: str
    aliases: tuple[str, ...]
    description: str
    component_class_id: int | None
    active: bool
    tokens: tuple[str, str]

    @property
    def token(self) -> str:
        """The subclass token, `gbt47678-2026:06001`."""
        return self.tokens[1]

    @property
    def class_token(self) -> str:
        """The class token, `gbt47678-2026:06`."""
        return self.tokens[0]


@dataclass(frozen=True)
class ComponentClassInfo:
    """One component class with its names."""

    id: int
    edition: str
    code: str
    class_code: str
    class_zh: str
    class_en: str
    sub_code: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class AreaInfo:
    """One area with its names and the codes of its ancestors (city first, own code last)."""

    id: int
    code: str
    name_zh: str
    name_en: str
    level: str
    parent_id: int | None
    ancestors: tuple[str, ...]


@dataclass(frozen=True)
class Catalogue:
    """Editions, matters, component classes and areas by id and by code."""

    version: tuple[int, datetime | None]
    editions: Mapping[str, EditionInfo]
    matters: Mapping[int, MatterInfo]
    matter_of: Mapping[str, MatterInfo]
    component_classes: Mapping[int, ComponentClassInfo]
    component_class_of: Mapping[tuple[str, str], ComponentClassInfo]
    areas: Mapping[int, AreaInfo]
    area_of: Mapping[str, AreaInfo]

    @property
    def default_edition(self) -> EditionInfo:
        """The edition the city works with; raises LookupError before a city was loaded."""
        if (edition := self.edition_if_any) is None:
            raise LookupError("no catalogue edition is the default: load a city folder first")
        return edition

    @property
    def edition_if_any(self) -> EditionInfo | None:
        """The edition the city works with; None before one was loaded."""
        return next((each for each in self.editions.values() if each.is_default), None)

    @property
    def city(self) -> AreaInfo | None:
        """The area that is the whole city; None before one was loaded."""
        return next((area for area in self.areas.values() if area.level == "city"), None)

    def matters_of(self, edition: str) -> list[MatterInfo]:
        """The active matters of an edition in the order of their codes."""
        return [m for m in self.matters.values() if m.edition == edition and m.active]


_MATTER_FIELDS = [field.name for field in fields(MatterInfo) if field.name != "tokens"]
_AREA_FIELDS = [field.name for field in fields(AreaInfo)]

_lock = threading.Lock()
_cached: Catalogue | None = None
_checked_at = 0.0


def catalogue() -> Catalogue:
    """The catalogue as this process knows it, at most `CHECK_EVERY_SECONDS` old.

    Costs nothing while fresh, one query to look whether it changed, five to read it again.
    """
    global _cached, _checked_at  # noqa: PLW0603
    now = time.monotonic()
    cached = _cached
    if cached is not None and now - _checked_at < CHECK_EVERY_SECONDS:
        return cached
    with _lock:
        version = _version()
        if _cached is None or _cached.version != version:
            _cached = _read(version)
        _checked_at = now
        return _cached


def forget_catalogue() -> None:
    """Make the next `catalogue()` read again; for the process that has just changed it."""
    global _cached  # noqa: PLW0603
    _cached = None


def _version() -> tuple[int, datetime | None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(number)::bigint, max(changed_at) FROM city_catalogueversion")
        number, changed_at = cursor.fetchone()
        return number or 0, changed_at


def _matter(row: Sequence[Any]) -> MatterInfo:
    values: dict[str, Any] = dict(zip(_MATTER_FIELDS, row, strict=True))
    edition, code, sub_code = values["edition"], values["code"], values["sub_code"]
    values["aliases"] = tuple(values["aliases"])
    tokens = (f"{edition}:{code.removesuffix(sub_code)}", f"{edition}:{code}")
    return MatterInfo(**values, tokens=tokens)


def _area(row: Sequence[Any]) -> AreaInfo:
    values: dict[str, Any] = dict(zip(_AREA_FIELDS, row, strict=True))
    return AreaInfo(**{**values, "ancestors": tuple(values["ancestors"])})


def _read(version: tuple[int, datetime | None]) -> Catalogue:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, code, name_zh, name_en, class_width, subclass_width, serial_width, "
            "kinds_share_codes, is_default FROM city_edition ORDER BY code"
        )
        editions = [EditionInfo(*row) for row in cursor.fetchall()]
        cursor.execute(
            "SELECT m.id, e.code, m.kind, m.code, m.class_code, m.class_zh, m.class_en, m.sub_code,"
            " m.name_zh, m.name_en, m.aliases, m.description, m.component_class_id, m.active "
            "FROM city_matter m JOIN city_edition e ON e.id = m.edition_id ORDER BY e.code, m.code"
        )
        matters = [_matter(row) for row in cursor.fetchall()]
        cursor.execute(
            "SELECT c.id, e.code, c.class_code || c.sub_code, c.class_code, c.class_zh, c.class_en,"
            " c.sub_code, c.name_zh, c.name_en FROM city_componentclass c "
            "JOIN city_edition e ON e.id = c.edition_id ORDER BY e.code, c.class_code, c.sub_code"
        )
        classes = [ComponentClassInfo(*row) for row in cursor.fetchall()]
        cursor.execute(
            "SELECT id, code, name_zh, name_en, level, parent_id, ancestors FROM city_area "
            "ORDER BY cardinality(ancestors), code"
        )
        areas = [_area(row) for row in cursor.fetchall()]
    return Catalogue(
        version=version,
        editions={e.code: e for e in editions},
        matters={m.id: m for m in matters},
        matter_of={m.token: m for m in matters},
        component_classes={c.id: c for c in classes},
        component_class_of={(c.edition, c.code): c for c in classes},
        areas={a.id: a for a in areas},
        area_of={a.code: a for a in areas},
    )
