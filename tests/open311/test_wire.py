"""One document in two formats."""

import json
from datetime import UTC, datetime, timedelta, timezone
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengyun.open311.conformance import parse
from chengyun.open311.privacy import public_text
from chengyun.open311.reading import w3c
from chengyun.open311.wire import Items, render


def test_spark_drops_the_root_and_keeps_lists_of_one() -> None:
    content = Items("service", [{"service_code": "001", "metadata": True, "group": None}])
    assert json.loads(render("services", content, "json")) == [
        {"service_code": "001", "metadata": True, "group": None}
    ]
    assert render("services", content, "xml") == (
        b'<?xml version="1.0" encoding="utf-8"?>\n'
        b"<services><service><service_code>001</service_code><metadata>true</metadata>"
        b"<group /></service></services>"
    )


def test_times_are_utc_with_their_zone_and_whole_seconds() -> None:
    at = datetime(2026, 1, 1, 8, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=8)))
    assert json.loads(render("x", {"at": at}, "json")) == {"at": "2026-01-01T00:00:00Z"}


@given(st.text())
def test_any_text_gives_well_formed_xml_and_json(text: str) -> None:
    root = ET.fromstring(render("x", {"text": text}, "xml"))
    element = root.find("text")
    assert element is not None
    kept = element.text or ""
    # XML reads a carriage return as a line feed; what it cannot carry is left out.
    assert set(kept) <= set(text) | {"\n"}
    if all(c.isprintable() and ord(c) < 0xFFFE for c in text):
        assert kept == text
    assert json.loads(render("x", {"text": text}, "json"))["text"] == text


def test_lone_surrogates_do_not_break_json() -> None:
    assert json.loads(render("x", {"text": "a\ud800"}, "json"))["text"] == "a\ud800"
    assert b"<text>a</text>" in render("x", {"text": "a\ud800"}, "xml")


def test_the_specifications_own_sample_is_understood() -> None:
    sample = b"""<?xml version="1.0" encoding="utf-8"?>
    <service_requests>
      <request>
        <service_request_id>638344</service_request_id><status>closed</status>
        <status_notes /><service_name>Sidewalk and Curb Issues</service_name>
        <requested_datetime>2010-04-14T06:37:38-08:00</requested_datetime>
        <lat>37.762221815</lat><media_url></media_url>
      </request>
    </service_requests>"""
    root, (request,) = parse(sample, "xml")
    assert root == "service_requests"
    assert request["service_request_id"] == "638344"
    assert request["status_notes"] is None
    assert w3c(request["requested_datetime"]) == datetime(2010, 4, 14, 14, 37, 38, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z",
                                  "2026-01-01T25:00:00Z", "20260101T000000Z", "now",
                                  "2026-01-01T00:00:00+99:00"])  # fmt: skip
def test_other_dates_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        w3c(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("请打 13912345678 找我", "请打 *** 找我"),
        ("+86 139-1234-5678", "***"),
        ("电话0532-85912345。", "电话***。"),
        ("身份证370202199001011234", "身份证***"),
        ("身份证37020219900101123X", "身份证***"),
        ("写信 li.ming@example.com.cn", "写信 ***"),
        ("中山路 128 号 2026-11-22 编号 R20261122", "中山路 128 号 2026-11-22 编号 R20261122"),
        ("订单 12345678901234567890", "订单 12345678901234567890"),
    ],
)
def test_personal_numbers_are_blanked_and_others_kept(text: str, shown: str) -> None:
    assert public_text(text) == shown
