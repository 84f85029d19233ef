"""Requests of a file become reports and cases in the right state with the right clocks."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chengyun.city.coordinates import System, from_cgcs2000
from chengyun.city.models import Matter
from chengyun.core.actor import Actor
from chengyun.core.models import AuditEntry, DomainEvent
from chengyun.core.problems import Invalid
from chengyun.governance.actions import receive_report
from chengyun.governance.actions.accept import _next_number
from chengyun.governance.intake.run import FileOutcome, import_reports
from chengyun.governance.jobs import RED, warn_late
from chengyun.governance.models import Case, CaseRecord, Channel, ImportRun, Report
from chengyun.governance.queries import scope_arrays
from tests.api.town import Town
from tests.intake.conftest import DOCUMENT, mapping, rejected, row

BringIn = Callable[..., FileOutcome]
Sheet = Callable[..., Path]

OPENED = datetime(2025, 3, 3, 1, 0, tzinfo=UTC)
DUE = datetime(2025, 3, 5, 1, 0, tzinfo=UTC)
CLOSED = datetime(2025, 3, 4, 2, 0, tzinfo=UTC)


def test_a_closed_request_has_all_its_times(town: Town, sheet: Sheet, bring_in: BringIn) -> None:
    outcome = bring_in(sheet([row()]))
    assert (outcome.rows, outcome.rows_in, outcome.rows_rejected) == (1, 1, 0)
    case = Case.objects.select_related("area", "unit_grid", "department", "matter").get()
    assert (case.state, case.origin, case.stage) == ("closed", "import", "")
    assert case.reported_at == case.accepted_at == case.filed_at == case.dispatched_at == OPENED
    assert case.signed_at == OPENED
    assert case.handled_at == case.closed_at == CLOSED
    assert case.handle_due_at == case.close_due_at == DUE
    assert not case.handle_late
    assert case.verified_at is None
    assert case.checked_at is None
    assert case.matter == town.matters["01001"]
    assert case.department == town.department
    assert case.area is not None
    assert case.area.level == "community"
    assert case.unit_grid is not None
    assert case.district_code == "990001"
    assert case.number == "9900012025030300001"
    expected = scope_arrays(case.area, [town.department], case.matter)
    assert (case.scope_areas, case.scope_orgs, case.scope_matters) == expected


def test_its_records_tell_how_it_came_and_ended(
    town: Town, sheet: Sheet, bring_in: BringIn
) -> None:
    bring_in(sheet([row(closed="2025-03-06 10:00")]))
    case = Case.objects.get()
    first, last = CaseRecord.objects.filter(case=case)
    run = ImportRun.objects.get()
    assert (first.operation, first.seq, first.from_state, first.to_state, first.at) == (
        "receive", 1, "", "handling", OPENED,
    )  # fmt: skip
    assert first.data == last.data == {"import": run.pk, "line": 2}
    assert (last.operation, last.from_state, last.to_state) == ("close", "handling", "closed")
    assert last.due_at == DUE
    assert last.timed_out
    assert case.handle_late
    assert last.used_seconds == (case.closed_at - OPENED).total_seconds()  # type: ignore[operator]
    assert case.version == 2


def test_an_open_request_waits_where_it_belongs(
    town: Town, sheet: Sheet, bring_in: BringIn
) -> None:
    path = sheet(
        [
            row(no="with", status="在办", closed=""),
            row(no="without", status="在办", closed="", unit=""),
            row(no="void", status="作废", closed=""),
        ]
    )
    bring_in(path)
    cases = {r.external_id: r.case for r in Report.objects.select_related("case")}
    assert (cases["with"].state, cases["with"].stage) == ("handling", "handle")
    assert cases["with"].stage_due_at == DUE
    assert cases["with"].handled_at is None
    assert (cases["without"].state, cases["without"].stage) == ("pending_dispatch", "dispatch")
    assert cases["without"].dispatched_at is None
    assert cases["without"].number
    assert (cases["void"].state, cases["void"].number) == ("voided", None)
    assert cases["void"].filed_at is None


def test_what_ran_out_long_ago_is_not_warned_about(
    town: Town, sheet: Sheet, bring_in: BringIn
) -> None:
    soon = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%d %H:%M")
    bring_in(
        sheet(
            [
                row(no="old", status="在办", closed=""),
                row(no="new", status="在办", closed="", due=soon),
            ]
        )
    )
    assert warn_late(RED) == 0
    assert Report.objects.get(external_id="new").case.warned == 0


def test_again_changes_nothing_and_says_so(town: Town, sheet: Sheet, bring_in: BringIn) -> None:
    path = sheet([row(no=str(n)) for n in range(7)])
    bring_in(path)
    before = _everything()
    again = bring_in(path)
    assert again.already
    assert again.rows == 7
    # The same rows in another file are known by their numbers.
    other = bring_in(sheet([row(no=str(n)) for n in range(8)], "later.csv"))
    assert (other.rows_in, other.rows_known) == (1, 7)
    assert {pk: _everything()[pk] for pk in before} == before


def test_a_report_that_came_in_live_is_known(town: Town, sheet: Sheet, bring_in: BringIn) -> None:
    receive_report(
        actor=Actor.system("test"),
        channel=Channel.OPEN311,
        text="井盖",
        source="test",
        external_id="A1",
    )
    outcome = bring_in(sheet([row()]))
    assert (outcome.rows_in, outcome.rows_known) == (0, 1)
    assert Case.objects.get().origin == "live"


def test_a_repeated_number_is_rejected_across_the_files_of_one_import(
    town: Town, sheet: Sheet
) -> None:
    one = sheet([row(), row(text="另一件事"), row(no="B")], "one.csv")
    two = sheet([row(no="B", text="又一件"), row(no="C")], "two.csv")
    outcomes = import_reports([one, two], mapping(), actor=Actor.system("test"), batch=1)
    assert [o.rows_in for o in outcomes] == [2, 1]
    assert [o.rejections for o in outcomes] == [{"duplicate_id": 1}] * 2
    assert [r["text"] for r in rejected(one)] == ["另一件事"]
    assert Report.objects.get(external_id="A1").text == "井盖丢失"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"opened": ""}, "missing_reported_at"),
        ({"opened": "0000-03-03 09:00"}, "bad_time"),
        ({"due": "soon"}, "bad_time"),
        ({"closed": "2025-03-03 08:59"}, "closed_before_opened"),
        ({"closed": ""}, "closed_without_time"),
        ({"status": "睡了"}, "unknown_state"),
        ({"text": " "}, "missing_text"),
        ({"text": "长" * 20_001}, "text_too_long"),
        ({"class": "飞碟"}, "unknown_matter"),
        ({"unit": "月亮局"}, "unknown_department"),
        ({"lon": "36.05", "lat": "120.05"}, "bad_position"),
        ({"lon": "east"}, "bad_position"),
        ({"lon": "nan"}, "bad_position"),
        ({"no": "9" * 121}, "value_too_long"),
    ],
)
def test_a_bad_row_stays_out_with_its_reason(
    town: Town, sheet: Sheet, bring_in: BringIn, change: dict[str, str], code: str
) -> None:
    path = sheet([row(no="before"), row(**change), row(no="after")])
    outcome = bring_in(path)
    assert (outcome.rows_in, outcome.rejections) == (2, {code: 1})
    (out,) = rejected(path)
    assert {name: out[name] for name in row()} == row(**change)
    assert (out["rejected_line"], out["rejected_code"]) == ("3", code)
    assert all(out[f"rejected_{part}"] for part in ("zh", "en", "remedy_zh", "remedy_en"))


def test_a_broken_row_is_kept_as_it_was(town: Town, sheet: Sheet, bring_in: BringIn) -> None:
    path = sheet([row(), 'B,"2025-03-03, x', row(no="C")])
    assert bring_in(path).rows_in == 2
    (out,) = rejected(path)
    assert (out["rejected_code"], out["rejected_raw"]) == ("unbalanced_quote", 'B,"2025-03-03, x')


def test_the_mended_rejected_file_goes_in_with_the_same_mapping(
    town: Town, sheet: Sheet, bring_in: BringIn
) -> None:
    path = sheet([row(), row(no="B", closed="2025-03-03 08:00")])
    bring_in(path)
    out = path.with_name("requests.csv.rejected.csv")
    out.write_text(
        out.read_text("utf-8-sig").replace("2025-03-03 08:00", "2025-03-03 18:00"), "utf-8"
    )
    assert bring_in(out).rows_in == 1
    assert set(Report.objects.values_list("external_id", flat=True)) == {"A1", "B"}


def test_notices_are_counted_over_every_row_read(
    town: Town, sheet: Sheet, bring_in: BringIn
) -> None:
    using = mapping(rules={"expected_period": ["2025-03-01", "2025-04-01"]})
    outcome = bring_in(
        sheet(
            [
                row(no="", due="", district=""),
                row(no="2", due="", lon="", lat=""),
                row(no="3", district="", lon="0", lat="0"),
                row(no="4", lon="121.5", lat="37.5"),
                row(no="5", due="", closed="2025-01-01 00:00"),  # rejected, counted all the same
                row(no="6", opened="2025-01-01 00:00"),
                row(no="7", status="在办", district="月亮"),
            ]
        ),
        using,
    )
    assert outcome.notices == {
        "missing_external_id": 1,
        "missing_due_at": 3,
        "missing_area": 2,
        "missing_position": 2,
        "outside_city": 1,
        "outside_period": 1,
        "open_with_closing_time": 1,
        "unknown_area": 1,
    }
    assert ImportRun.objects.get().notices == outcome.counts
    notes = dict(Report.objects.values_list("external_id", "place_note"))
    assert notes["4"] == "outside"
    assert notes["2"] == notes["3"] == "none"
    assert notes["6"] == ""


def test_a_row_without_a_number_keeps_one_digest(
    town: Town, sheet: Sheet, bring_in: BringIn
) -> None:
    bring_in(sheet([row(no="")]))
    again = bring_in(sheet([row(no=""), row(no="", text="别的")], "later.csv"))
    assert (again.rows_in, again.rows_known) == (1, 1)


@pytest.mark.parametrize(
    "rules", [{"default_point_above": 3}, {"default_points": [[120.05, 36.05]]}]
)
def test_a_default_point_is_kept_on_the_report_and_not_trusted(
    town: Town, sheet: Sheet, bring_in: BringIn, rules: dict[str, Any]
) -> None:
    rows = [row(no=str(n)) for n in range(4)] + [row(no="else", lon="120.06")]
    outcome = bring_in(sheet(rows), mapping(rules=rules))
    assert outcome.notices == {"default_point": 4}
    report = Report.objects.select_related("case__area").get(external_id="0")
    assert report.place_note == "default_point"
    assert report.geom is not None
    assert report.case.geom is None
    assert report.case.unit_grid is None
    assert report.case.area is not None
    assert report.case.area.code == "990001"  # from the column, not from the point
    assert Report.objects.get(external_id="else").case.geom is not None


@pytest.mark.parametrize("system", ["WGS84", "CGCS2000", "GCJ-02", "BD-09"])
def test_positions_are_stored_in_cgcs2000(
    town: Town, sheet: Sheet, bring_in: BringIn, system: str
) -> None:
    lon, lat = from_cgcs2000(120.05, 36.05, System.parse(system))
    bring_in(sheet([row(lon=str(lon), lat=str(lat))]), mapping(coordinates=system))
    geom = Report.objects.get().geom
    assert geom is not None
    assert (geom.srid, round(geom.x, 7), round(geom.y, 7)) == (4490, 120.05, 36.05)


def test_matters_are_found_by_code_name_alias_and_within_their_class(
    town: Town, sheet: Sheet, bring_in: BringIn
) -> None:
    Matter.objects.filter(code="02001").update(name_zh="井盖缺失")
    from chengyun.city.queries import forget_catalogue

    forget_catalogue()
    names = ["01001", "Street lamp  OUT", "下水道盖子", "井盖缺失"]
    path = sheet([row(no=str(n), **{"class": name}) for n, name in enumerate(names)])
    outcome = bring_in(path)
    assert outcome.rejections == {"ambiguous_matter": 1}
    found = dict(Report.objects.values_list("external_id", "matter__code"))
    assert found == {"0": "01001", "1": "01002", "2": "01001"}
    fields = {**DOCUMENT["fields"], "matter_class": "环境秩序"}
    path = sheet([row(no="in class")], "class.csv")
    bring_in(path, mapping(fields=fields))
    assert Report.objects.get(external_id="in class").matter == town.matters["02001"]


def test_unknown_names_may_be_left_empty_by_rule(
    town: Town, sheet: Sheet, bring_in: BringIn
) -> None:
    rules = {"unknown_matter": "empty", "unknown_department": "empty"}
    outcome = bring_in(sheet([row(**{"class": "飞碟", "unit": "月亮局"})]), mapping(rules=rules))
    assert outcome.notices == {"unknown_matter": 1, "unknown_department": 1}
    case = Case.objects.get()
    assert (case.matter, case.department) == (None, None)


def test_html_sql_and_copy_marks_stay_text(town: Town, sheet: Sheet, bring_in: BringIn) -> None:
    nasty = '<script>alert(1)</script>\'); DROP TABLE x;-- \\N \\. \t{"a"}\r\n\\x41 second line'
    bring_in(sheet([row(text=nasty, status="已办结")]))
    assert Report.objects.get().text == nasty
    assert Case.objects.get().description == nasty


def test_case_numbers_go_on_where_filing_stands(
    town: Town, sheet: Sheet, bring_in: BringIn
) -> None:
    case = Case(district_code="990001")
    assert _next_number(case, OPENED) == "9900012025030300001"
    rows = [row(no=str(n)) for n in range(5)] + [row(no="x", opened="2025-03-02 23:59")]
    bring_in(sheet(rows), batch=2)
    numbers = sorted(Case.objects.values_list("number", flat=True))
    assert numbers == [
        "9900012025030200001",
        *(f"99000120250303{n:05d}" for n in range(2, 7)),
    ]
    assert _next_number(case, OPENED) == "9900012025030300007"


def test_audit_has_a_line_a_batch_and_one_for_the_run_and_one_event(
    town: Town, sheet: Sheet, bring_in: BringIn
) -> None:
    bring_in(sheet([row(no=str(n)) for n in range(5)]), batch=2)
    actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    imports = [action for action in actions if action.startswith("governance.import")]
    assert imports == ["governance.import.batch"] * 3 + ["governance.import.finish"]
    assert DomainEvent.objects.filter(kind__startswith="governance").count() == 1


def test_media_links_and_long_addresses_lose_nothing(
    town: Town, sheet: Sheet, bring_in: BringIn
) -> None:
    fields = {
        **DOCUMENT["fields"],
        "media_url": "{district}",
        "address": "{text}",
        "area": "城东区",
    }
    outcome = bring_in(
        sheet([row(text="路" * 600, district="javascript:alert(1)")]), mapping(fields=fields)
    )
    assert outcome.notices == {"address_cut": 1, "bad_media_url": 1}
    report = Report.objects.get()
    assert (len(report.address), report.media_url) == (500, "")
    assert report.attributes["address"] == "路" * 600
    assert report.attributes["media_url"] == "javascript:alert(1)"


def test_before_a_city_is_loaded_the_way_is_told(db: None, sheet: Sheet, bring_in: BringIn) -> None:
    with pytest.raises(Invalid, match="nowhere") as caught:
        bring_in(sheet([row()]), mapping(edition="nowhere"))
    assert "chengyun load" in caught.value.remedy_en


def test_the_rejected_file_may_not_be_the_input(
    town: Town, sheet: Sheet, bring_in: BringIn
) -> None:
    path = sheet([row(text="")])
    with pytest.raises(Invalid, match="input"):
        bring_in(path, rejected=path)
    assert path.read_text("utf-8").startswith("no,")


def _everything() -> dict[tuple[str, int], tuple[Any, ...]]:
    return {
        (model.__name__, values[0]): values
        for model in (Case, Report, CaseRecord)
        for values in model.objects.order_by("id").values_list()
    }
