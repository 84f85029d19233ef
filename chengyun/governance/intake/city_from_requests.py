"""A minimal city folder out of the requests themselves: the organisations, classes and areas that
they name. For cities whose lists nobody has, and for data that may not be copied into a project.

Codes are given in the order of names. Run again with more requests, codes given before stay.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chengyun.city.codes import is_national
from chengyun.core import clock
from chengyun.core.problems import Invalid
from chengyun.governance.intake.directory import Directory
from chengyun.governance.intake.mapping import CityFacts, Mapping
from chengyun.governance.intake.normalise import Normaliser
from chengyun.governance.intake.reading import open_source

UNSORTED = "未分类 unsorted"
_MATTER_HEADING = (
    "edition", "kind", "class_code", "class_zh", "class_en", "sub_code", "name_zh", "name_en",
)  # fmt: skip


@dataclass
class Found:
    """The names that the requests use."""

    rows: int = 0
    organisations: set[str] = field(default_factory=set)
    matters: set[tuple[str, str]] = field(default_factory=set)
    areas: set[str] = field(default_factory=set)


def make_city(paths: Sequence[Path], mapping: Mapping, out: Path) -> Found:
    """Write city.toml, organisations.csv, areas.geojson and catalogue/ into ``out``.

    The mapping names the edition and, under [city], what requests do not tell. Raises Invalid.
    """
    facts = mapping.city
    if facts is None or not mapping.edition:
        raise Invalid(
            zh="映射缺少 edition 或 [city]：无法生成城市文件夹",
            en="The mapping lacks edition or [city]: a city folder cannot be made of it",
            remedy_zh="在映射中写 edition 与 [city] code, name_zh, centre。",
            remedy_en="Write edition, and [city] with code, name_zh and centre, in the mapping.",
        )
    found = _look(paths, mapping)
    (out / "catalogue").mkdir(parents=True, exist_ok=True)
    _write_settings(out / "city.toml", mapping, facts)
    _write_areas(out / "areas.geojson", facts, found.areas)
    _write_organisations(out / "organisations.csv", facts, found.organisations)
    _write_catalogue(out / "catalogue", mapping, found.matters)
    return found


def _look(paths: Sequence[Path], mapping: Mapping) -> Found:
    found = Found()
    nobody = Directory([], [], {})
    for path in paths:
        source = open_source(path, mapping)
        reader = Normaliser(mapping, source.columns, nobody, frozenset(), clock.now())
        for record in source.records():
            if record.fault is not None:
                continue
            found.rows += 1
            found.organisations.add(reader.value("department", record.cells))
            found.areas.add(reader.value("area", record.cells))
            matter = reader.value("matter", record.cells)
            if matter:
                found.matters.add((reader.value("matter_class", record.cells) or UNSORTED, matter))
    found.organisations.discard("")
    found.areas.discard("")
    return found


def _write_settings(path: Path, mapping: Mapping, facts: CityFacts) -> None:
    if path.exists():
        return
    lines = [
        "[city]",
        f"code = {_quoted(facts.code)}",
        f"name_zh = {_quoted(facts.name_zh)}",
        f"name_en = {_quoted(facts.name_en)}",
        f"zone = {_quoted(mapping.time.zone)}",
        f"edition = {_quoted(mapping.edition)}",
        f"centre = [{facts.centre[0]}, {facts.centre[1]}]",
        "",
        "[calendar]",
        f"code = {_quoted(facts.code)}",
        f"name_zh = {_quoted(facts.name_zh + '工作日历')}",
        'duty = [["08:30", "12:00"], ["14:00", "17:30"]]',
        "",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # a JSON string is a TOML basic string


def _write_areas(path: Path, facts: CityFacts, names: Iterable[str]) -> None:
    known: dict[str, str] = {}
    if path.exists():
        document = json.loads(path.read_text(encoding="utf-8"))
        known = {f["properties"]["name_zh"]: f["properties"]["code"] for f in document["features"]}
    # A city with a national code wants districts of six digits that begin with its first four.
    prefix = facts.code[:4] if is_national(facts.code, 6) else f"{facts.code}-"
    codes = _coded(names, known, prefix, 2)
    city = {"code": facts.code, "name_zh": facts.name_zh, "name_en": facts.name_en, "level": "city"}
    districts = [
        {"code": code, "name_zh": name, "level": "district", "parent": facts.code}
        for name, code in codes.items()
        if name not in (facts.name_zh, facts.name_en)
    ]
    features = [
        {"type": "Feature", "properties": properties, "geometry": None}
        for properties in (city, *districts)
    ]
    document = {"type": "FeatureCollection", "features": features}
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _write_organisations(path: Path, facts: CityFacts, names: Iterable[str]) -> None:
    known = {row["name_zh"]: row["code"] for row in _rows(path)}
    known.pop(facts.name_zh, None)
    codes = _coded(names, known, "ORG", 4)
    rows = [[facts.code, facts.name_zh, facts.name_en, "other", ""]]
    rows += [[code, name, "", "department", facts.code] for name, code in codes.items()]
    _write(path, ("code", "name_zh", "name_en", "kind", "parent"), rows)


def _write_catalogue(folder: Path, mapping: Mapping, matters: Iterable[tuple[str, str]]) -> None:
    path = folder / f"matters_{mapping.edition}.csv"
    before = list(_rows(path))
    known_classes = {row["class_zh"]: row["class_code"] for row in before}
    known = {(row["class_zh"], row["name_zh"]): row["sub_code"] for row in before}
    every = {*matters, *known}
    # Widths leave room for tenfold growth and never shrink: codes given before must fit.
    classes = _coded({name for name, _ in every}, known_classes, "", 3)
    rows: list[list[str]] = []
    for class_name, class_code in classes.items():
        own = {sub: code for (name, sub), code in known.items() if name == class_name}
        subs = _coded({sub for name, sub in every if name == class_name}, own, "", 4)
        rows += [
            [mapping.edition, "event", class_code, class_name, "", code, name, ""]
            for name, code in subs.items()
        ]
    _write(path, _MATTER_HEADING, rows)
    _write(
        folder / "editions.csv",
        ("edition", "name_zh", "name_en", "class_width", "subclass_width"),
        [[mapping.edition, f"{mapping.source} 事项目录", f"matters of {mapping.source}", "3", "4"]],
    )


def _coded(names: Iterable[str], known: dict[str, str], prefix: str, width: int) -> dict[str, str]:
    """Name → code, by code. Names without one get the next numbers, in the order of names."""
    codes = dict(known)
    numbers = [code.removeprefix(prefix) for code in codes.values()]
    last = max((int(number) for number in numbers if number.isdigit()), default=0)
    for name in sorted(set(names) - set(codes)):
        last += 1
        codes[name] = f"{prefix}{last:0{width}d}"
    return dict(sorted(codes.items(), key=lambda item: item[1]))


def _rows(path: Path) -> Iterator[dict[str, str]]:
    if path.exists():
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from csv.DictReader(file)


def _write(path: Path, heading: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(heading)
        writer.writerows(rows)
