"""The catalogue that the city app ships, as far as a city on disk needs it (no database)."""

import csv
from functools import cache
from importlib.resources import files

from chengyun.simulation.scale import EDITION


@cache
def _names(kind: str) -> dict[str, str]:
    path = files("chengyun.city") / "catalogues" / f"{kind}_{EDITION}.csv"
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    return {row["class_code"] + row["sub_code"]: row["name_zh"] for row in rows}


def matter_names() -> dict[str, str]:
    """Chinese name of every matter of the default edition, by class and subclass code."""
    return _names("matters")


def component_names() -> dict[str, str]:
    """Chinese name of every component class of the default edition."""
    return _names("components")
