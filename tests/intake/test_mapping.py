"""What a mapping may say, and what is said back when it is not right."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chengyun.core.problems import Invalid
from chengyun.governance.intake.mapping import columns_of, parse_mapping, read_mapping
from chengyun.governance.intake.times import TimeFormatError, time_reader
from tests.intake.conftest import DOCUMENT, ROOT, mapping


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fields": {"text": "{t}"}}, "fields.reported_at"),
        ({"colour": "red"}, "colour"),
        ({"coordinates": "mars"}, "mars"),
        ({"time": {"zone": "Mars/Crater"}}, "Mars/Crater"),
        ({"time": {"zone": "UTC", "formats": ["%H:%M"]}}, "year"),
        ({"time": {"zone": "UTC", "formats": ["%Q"]}}, "%Q"),
        ({"file": {"encoding": "klingon"}}, "klingon"),
        ({"file": {"delimiter": ",,"}}, "delimiter"),
        ({"values": {"colour": {}}}, "colour"),
        ({"rules": {"unknown_matter": "create"}}, "unknown_matter"),
        ({"fields": {"reported_at": "{a", "text": "x"}}, "brace"),
        ({"fields": {"reported_at": "{a}", "text": "x", "lon": "{x}"}}, "lon and lat"),
    ],
)
def test_a_mistake_is_named_with_its_place(change: dict[str, Any], said: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_mapping({**DOCUMENT, **change}, "m.toml")
    assert said in caught.value.en
    assert "m.toml" in caught.value.zh


def test_a_file_that_is_no_toml_is_refused_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text('source = "x\n', encoding="utf-8")
    with pytest.raises(Invalid, match="line 1"):
        read_mapping(path)


def test_the_fingerprint_follows_the_content_only() -> None:
    assert mapping().fingerprint() == mapping().fingerprint()
    assert mapping(source="other").fingerprint() != mapping().fingerprint()


def test_columns_are_those_of_templates_and_attributes() -> None:
    given = mapping(fields={"reported_at": "{a[0:8]} {b}", "text": ["{c}", "const"]})
    assert columns_of(given) == ["a", "b", "c", "status"]


@pytest.mark.parametrize("folder", ["boston", "hotline"])
def test_the_mappings_of_the_examples_are_right(folder: str) -> None:
    read_mapping(ROOT / "examples" / folder / "mapping.toml")


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("%m/%d/%Y %I:%M:%S %p", "07/01/2015 01:32:33 PM", datetime(2015, 7, 1, 5, 32, 33)),
        ("%m/%d/%Y %I:%M:%S %p", "07/01/2015 12:00:00 AM", datetime(2015, 6, 30, 16)),
        ("%Y/%m/%d %H:%M:%S", "2019/2/8 1:05:09", datetime(2019, 2, 7, 17, 5, 9)),
        ("%Y年%m月%d日", "2024年10月1日", datetime(2024, 9, 30, 16)),
        ("%Y%m%d", "20180107", datetime(2018, 1, 6, 16)),
        ("%Y-%m-%d %H:%M%z", "2018-01-07 10:00+00:00", datetime(2018, 1, 7, 10)),
        ("iso", "2018-01-07T10:00:00Z", datetime(2018, 1, 7, 10)),
        ("epoch_ms", "1500000000000", datetime(2017, 7, 14, 2, 40)),
        ("excel", "43107.5", datetime(2018, 1, 7, 4)),
    ],
)
def test_times_are_read_in_their_zone(form: str, text: str, expected: datetime) -> None:
    read = time_reader([form], "Asia/Shanghai")
    assert read(text) == expected.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%Y-%m-%d", "0000-01-01"),
        ("%Y-%m-%d", "0001-01-01"),
        ("%Y-%m-%d", "2015-02-29"),
        ("%Y-%m-%d", "1899-12-31"),
        ("%Y-%m-%d %I %p", "2015-01-01 13 PM"),
        ("%Y-%m-%d", "2015-01-01 or so"),
        ("iso", "0001-01-01T00:00:00+08:00"),
        ("epoch", "1e30"),
        ("excel", "-1e12"),
    ],
)
def test_a_time_that_cannot_be_is_refused(form: str, text: str) -> None:
    with pytest.raises(ValueError):
        time_reader([form], "Asia/Shanghai")(text)


def test_of_the_two_times_when_the_clock_is_put_back_the_earlier_is_meant() -> None:
    read = time_reader(["%Y-%m-%d %H:%M"], "America/New_York")
    assert read("2015-11-01 01:16") == datetime(2015, 11, 1, 5, 16, tzinfo=UTC)


def test_a_format_that_says_the_same_twice_is_refused() -> None:
    with pytest.raises(TimeFormatError):
        time_reader(["%Y-%m-%d %Y"], "UTC")
