"""Files as people send them: every form, every encoding, and damage that costs one row only."""

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from chengyun.core.problems import Invalid
from chengyun.governance.intake.mapping import Mapping
from chengyun.governance.intake.reading import open_source
from chengyun.governance.intake.reasons import Reason
from chengyun.governance.intake.records import Record
from chengyun.governance.intake.workbook import WorkbookSource
from tests.intake.conftest import mapping

PLAIN = mapping(fields={"reported_at": "{a}", "text": "{b}"}, attributes=[])
Given = Callable[[str | bytes], Path]


@pytest.fixture
def given(tmp_path: Path) -> Given:
    def write(content: str | bytes, name: str = "file.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def records(path: Path, using: Mapping = PLAIN, **options: int) -> list[Record]:
    return list(open_source(path, using, **options).records())


def good(path: Path, using: Mapping = PLAIN) -> list[list[str]]:
    return [list(record.cells) for record in records(path, using) if record.fault is None]


def faults(path: Path, **options: int) -> list[tuple[int, Reason | None]]:
    return [(record.line, record.fault) for record in records(path, **options)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_encoding_is_found_out(given: Given, encoding: str) -> None:
    content = "a,b\n1,井盖丢失，路面塌陷\n2,路灯不亮\n" * 3
    assert good(given(content.encode(encoding)))[0] == ["1", "井盖丢失，路面塌陷"]


def test_a_declared_encoding_is_believed(given: Given) -> None:
    using = mapping(
        fields={"reported_at": "{a}", "text": "{b}"}, attributes=[], file={"encoding": "gb18030"}
    )
    assert good(given("a,b\n1,井\n".encode("gb18030")), using) == [["1", "井"]]


def test_text_in_no_known_encoding_asks_for_it(given: Given) -> None:
    with pytest.raises(Invalid, match="UTF-8 nor"):
        records(given(b"a,b\n" + b"\xff\x80" * 200))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(given: Given, delimiter: str) -> None:
    assert good(given(f"a{delimiter}b\n1{delimiter}x\n")) == [["1", "x"]]


def test_a_value_may_span_lines_and_lines_are_counted(given: Given) -> None:
    found = records(given('a,b\n1,"one\ntwo, ""three"""\n2,x\n'))
    assert [(r.line, list(r.cells)) for r in found] == [
        (2, ["1", 'one\ntwo, "three"']),
        (4, ["2", "x"]),
    ]


@pytest.mark.parametrize(
    "broken",
    [
        '2,"never closed',
        '2,"never closed, "but, quoted" again"',
        '2,"said "hello" to me"',
        '2,"closed" late',
    ],
)
def test_a_stray_quote_costs_its_own_row_only(given: Given, broken: str) -> None:
    path = given(f'a,b\n1,x\n{broken}\n3,"y, z"\n4,w\n')
    assert good(path) == [["1", "x"], ["3", "y, z"], ["4", "w"]]
    found = [record for record in records(path) if record.fault]
    assert [(r.line, r.fault, r.raw) for r in found] == [(3, Reason.UNBALANCED_QUOTE, broken)]


def test_a_quote_open_to_the_end_of_a_long_file_costs_one_row(given: Given) -> None:
    path = given('a,b\n1,"open\n' + "".join(f"{n},x\n" for n in range(2, 500)))
    found = faults(path, limit=200)
    assert found[0] == (2, Reason.UNBALANCED_QUOTE)
    assert all(fault is None for _, fault in found[1:])
    assert len(found) == 499


def test_wrong_width_nul_and_foreign_bytes_are_told_apart(given: Given) -> None:
    path = given(b"a,b\n1\n2,x,y\n3,n\x00l\n" + "4,路灯不亮井盖\n".encode() * 9 + b"5,\xff\xfe\n")
    by_line = dict(faults(path))
    assert by_line[2] == by_line[3] == Reason.COLUMN_COUNT
    assert by_line[4] == Reason.NUL
    assert by_line[14] == Reason.BAD_ENCODING
    assert by_line[5] is None


def test_a_row_beyond_the_limit_is_passed_over_without_being_held(given: Given) -> None:
    path = given("a,b\n1," + "x" * 100_000 + "\n2,y\n")
    found = records(path, limit=1_000)
    assert [(r.line, r.fault) for r in found] == [(2, Reason.TOO_LONG), (3, None)]
    assert len(found[0].raw) <= 1_001


def test_gzip_is_opened_by_content_and_a_cut_one_is_refused(given: Given) -> None:
    packed = gzip.compress(b"a,b\n1,x\n")
    assert good(given(packed)) == [["1", "x"]]
    with pytest.raises(Invalid, match="cannot be read"):
        records(given(packed[:-9]))


def test_an_empty_file_and_a_missing_column_are_named(given: Given) -> None:
    with pytest.raises(Invalid, match="empty"):
        records(given(" \n"))
    with pytest.raises(Invalid, match=r"lacks columns.*: b; it has: a, c"):
        records(given("a,c\n1,2\n"))
    with pytest.raises(Invalid, match="twice"):
        records(given("a,b,b\n1,2,3\n"))


def test_a_workbook_is_read_with_its_dates(tmp_path: Path) -> None:
    from datetime import datetime

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["a", "b"])
    sheet.append([datetime(2025, 3, 3, 9, 0), "路灯不亮"])
    sheet.append([12.0, None])
    sheet.append(["x", "y", "z"])
    path = tmp_path / "book.xlsx"
    book.save(path)
    found = records(path)
    assert [list(r.cells) for r in found] == [["2025-03-03T09:00:00", "路灯不亮"], ["12", ""], []]
    assert found[2].fault == Reason.COLUMN_COUNT


def test_a_workbook_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 2_000_000)
    with pytest.raises(Invalid, match="unpacks"):
        WorkbookSource(path, unpacked_limit=1_000_000)
    with pytest.raises(Invalid, match="not a workbook"):
        WorkbookSource(path)


def test_json_lines_keep_every_member_and_refuse_what_is_no_object(given: Given) -> None:
    lines = [
        '{"a": "1", "b": "x", "deep": {"er": 2}}',
        "[1, 2]",
        '{"a": "2"',
        '{"a": "3", "b": "\\ud800"}',
        '{"a": 4, "new": true}',
    ]
    source = open_source(given("\n".join(lines)), PLAIN)
    found = list(source.records())
    assert source.columns == ["a", "b", "deep.er", "@more"]
    assert [r.fault for r in found] == [
        None, Reason.NOT_JSON, Reason.NOT_JSON, Reason.LONE_SURROGATE, None,
    ]  # fmt: skip
    assert list(found[4].cells) == ["4", "", "", '{"new": "true"}']


def test_geojson_streams_features_and_judges_their_geometry(given: Given) -> None:
    bow_tie = [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]
    square = [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]]
    geometries = [
        {"type": "Point", "coordinates": [120.05, 36.05]},
        {"type": "Polygon", "coordinates": bow_tie},
        {"type": "Polygon", "coordinates": square},
        None,
        {"type": "Point", "coordinates": []},
    ]
    features = [
        {"type": "Feature", "properties": {"a": str(i), "b": "字" * 40_000}, "geometry": geometry}
        for i, geometry in enumerate(geometries)
    ]
    document = {"type": "FeatureCollection", "features": features}
    source = open_source(given(json.dumps(document, ensure_ascii=False)), PLAIN)
    found = list(source.records())
    places = [tuple(r.cells[2:4]) for r in found]
    assert source.columns == ["a", "b", "@lon", "@lat", "@more"]
    assert places[0] == ("120.05", "36.05")
    assert places[2] == ("1.0", "1.0")
    assert [r.fault for r in found] == [
        None, Reason.BAD_GEOMETRY, None, None, Reason.BAD_GEOMETRY,
    ]  # fmt: skip
