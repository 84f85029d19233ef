"""Lists and single requests: windows, filters, what is shown and what is not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chengyun.core.models import Role
from chengyun.governance import actions
from chengyun.governance.models import Case, CaseRecord, State
from tests.api.town import LAT, LON, Town
from tests.open311.conftest import Reply

Ask = Callable[..., Reply]
MakeCase = Callable[..., Case]


def ids(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.content
    return [item["service_request_id"] for item in reply.document]


def iso(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_nothing_is_an_empty_list(ask: Ask, town: Town) -> None:
    found = ask("v2/requests")
    assert (found.status, found.document) == (200, [])
    if found.root:
        assert found.content.endswith(b"<service_requests />")
    else:
        assert found.content == b"[]"


def test_a_request_has_every_field(ask: Ask, make_case: MakeCase, town: Town) -> None:
    due = datetime(2026, 12, 1, 10, tzinfo=UTC)
    case = make_case(
        "路灯不亮", address="中山路 1 号", close_due_at=due, department=town.department
    )
    (item,) = ask("v2/requests").document
    assert item == {
        "service_request_id": str(case.pk),
        "status": "open",
        "status_notes": "To accept",
        "service_name": "Street lamp out",
        "service_code": "01002",
        "description": "路灯不亮",
        "agency_responsible": "Works",
        "service_notice": None,
        "requested_datetime": iso(case.reported_at),
        "updated_datetime": iso(case.updated_at),
        "expected_datetime": "2026-12-01T10:00:00Z",
        "address": "中山路 1 号",
        "address_id": None,
        "zipcode": None,
        "lat": item["lat"],
        "long": item["long"],
        "media_url": None,
    }
    assert (float(item["long"]), float(item["lat"])) == (LON, LAT)


def test_a_request_alone_is_the_same_and_still_a_list(ask: Ask, make_case: MakeCase) -> None:
    case = make_case()
    make_case()
    listed = {item["service_request_id"]: item for item in ask("v2/requests").document}
    alone = ask(f"v2/requests/{case.pk}").document
    assert alone == [listed[str(case.pk)]]


def test_newest_come_first_and_90_days_are_the_window(ask: Ask, make_case: MakeCase) -> None:
    old, older, gone = make_case(days=1), make_case(days=89), make_case(days=91)
    new = make_case()
    assert ids(ask("v2/requests")) == [str(c.pk) for c in (new, old, older)]
    assert ids(ask(f"v2/requests/{gone.pk}")) == [str(gone.pk)]


def test_at_most_1000_rows(ask: Ask, make_case: MakeCase) -> None:
    case = make_case()
    Case.objects.bulk_create(
        Case(
            channel="citizen", state="reported", matter=case.matter, description="x",
            reported_at=case.reported_at, updated_at=case.updated_at,
        )
        for _ in range(1004)
    )  # fmt: skip
    assert len(ids(ask("v2/requests"))) == 1000
    first = ids(ask("v2/requests", page_size=600))
    second = ids(ask("v2/requests", page_size=600, page=2))
    assert (len(first), len(second)) == (600, 405)
    assert not set(first) & set(second)


def test_dates_include_both_edges_in_any_zone(ask: Ask, make_case: MakeCase) -> None:
    case = make_case(days=3)
    at = case.reported_at
    exact = iso(at)
    beijing = at.astimezone(UTC) + timedelta(hours=8)
    local = beijing.strftime("%Y-%m-%dT%H:%M:%S+08:00")
    for start, end in ((exact, exact), (local, local), (local, exact)):
        assert ids(ask("v2/requests", start_date=start, end_date=end)) == [str(case.pk)]
    before = iso(at - timedelta(seconds=1))
    assert ids(ask("v2/requests", start_date=iso(at - timedelta(days=9)), end_date=before)) == []


def test_one_date_opens_90_days_from_it(ask: Ask, make_case: MakeCase) -> None:
    case = make_case(days=100)
    start = case.reported_at - timedelta(days=1)
    assert ids(ask("v2/requests", start_date=iso(start))) == [str(case.pk)]
    end = case.reported_at + timedelta(days=1)
    assert ids(ask("v2/requests", end_date=iso(end))) == [str(case.pk)]
    far = case.reported_at - timedelta(days=95)
    assert ids(ask("v2/requests", start_date=iso(far))) == []


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"start_date": "2026-01-01T00:00:00"}, "start_date must be"),
        ({"start_date": "2026-01-01"}, "start_date must be"),
        ({"start_date": "0000-01-01T00:00:00Z"}, "start_date must be"),
        ({"start_date": "0001-01-01T00:00:00+23:59"}, "start_date must be"),
        ({"end_date": "9999-12-31T23:59:59-23:59"}, "end_date must be"),
        (
            {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-04-02T00:00:00Z"},
            "at most 90 days",
        ),
        (
            {"start_date": "2026-01-02T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"},
            "before start_date",
        ),
        ({"status": "bogus"}, "status can only"),
        ({"status": "open,bogus"}, "status can only"),
        ({"page": "0"}, "page must be"),
        ({"page_size": "1001"}, "page_size must be"),
        ({"page_size": "1e9"}, "page_size must be"),
        ({"lat": "36", "radius": "10"}, "together"),
        ({"lat": "36", "long": "181"}, "long must be"),
        ({"lat": "36", "long": "120", "radius": "1e9"}, "radius must be"),
        ({"extensions": "maybe"}, "extensions must be"),
        ({"q": "x" * 101}, "q has 101"),
        ({"service_code": "1," * 1001}, "at most 1000"),
        ({"status": "bogus", "page": "x"}, "page must be"),
    ],
)
def test_bad_filters_are_told(ask: Ask, town: Town, params: dict[str, str], says: str) -> None:
    found = ask("v2/requests", **params)
    assert found.status == 400
    assert says in found.faults()


def test_the_ends_of_the_calendar_are_no_crash(ask: Ask, town: Town) -> None:
    assert ask("v2/requests", start_date="9999-12-31T00:00:00Z").status in (200, 400)
    assert ask("v2/requests", end_date="0001-01-01T00:00:00Z").status in (200, 400)
    assert ask("v2/servicerequestupdates", end_date="0001-01-01T00:00:00Z").status in (200, 400)


def test_status_filters(ask: Ask, make_case: MakeCase) -> None:
    now = datetime.now(UTC)
    open_case, closed = make_case(), make_case(state="closed", closed_at=now)
    void, refused = make_case(state="voided"), make_case(state="not_accepted")
    hold = make_case(state="suspended")
    assert set(ids(ask("v2/requests", status="open"))) == {str(open_case.pk), str(hold.pk)}
    assert set(ids(ask("v2/requests", status="closed"))) == {
        str(c.pk) for c in (closed, void, refused)
    }
    assert len(ids(ask("v2/requests", status="open,closed"))) == 5


def test_service_codes_filter(ask: Ask, make_case: MakeCase) -> None:
    lamp, rubbish = make_case(code="01002"), make_case(code="02001")
    make_case(code="02002")
    wanted = {str(lamp.pk), str(rubbish.pk)}
    assert set(ids(ask("v2/requests", service_code="01002, 02001"))) == wanted
    assert ids(ask("v2/requests", service_code="99999")) == []


def test_a_list_of_ids_overrides_all_else(ask: Ask, make_case: MakeCase) -> None:
    one, two = make_case(days=200), make_case()
    found = ask(
        "v2/requests",
        service_request_id=f"{one.pk},{two.pk},0,x,{2**63},９",
        status="closed",
        start_date=iso(datetime.now(UTC)),
        service_code="02001",
    )
    assert set(ids(found)) == {str(one.pk), str(two.pk)}


def test_empty_parameters_are_absent(ask: Ask, make_case: MakeCase) -> None:
    make_case()
    names = ("status", "service_code", "service_request_id", "start_date", "end_date", "q", "lat")
    assert ids(ask("v2/requests", **dict.fromkeys(names, ""))) == ids(ask("v2/requests"))


def test_private_requests_do_not_exist_for_others(ask: Ask, make_case: MakeCase) -> None:
    hidden = make_case(public=False)
    unclassed = make_case()
    Case.objects.filter(pk=unclassed.pk).update(matter=None)
    assert ids(ask("v2/requests")) == []
    for case in (hidden, unclassed):
        assert ids(ask("v2/requests", service_request_id=case.pk)) == []
        assert ask(f"v2/requests/{case.pk}").status == 404
    missing = ask("v2/requests/999999999")
    assert missing.status == 404
    assert missing.document == ask(f"v2/requests/{hidden.pk}").document
    assert ask("v2/requests/nonsense").status == 404
    assert ask("v2/requests/").status == 400


def test_a_closed_request_was_updated_when_it_was_closed(ask: Ask, make_case: MakeCase) -> None:
    at = datetime(2026, 6, 1, 8, tzinfo=UTC)
    later = at + timedelta(days=3)
    case = make_case(state="closed", closed_at=at, updated_at=later, status_note="已修复")
    (item,) = ask(f"v2/requests/{case.pk}").document
    assert item["status"] == "closed"
    assert item["updated_datetime"] == "2026-06-01T08:00:00Z"
    assert item["status_notes"] == "已修复"


def test_a_duplicate_says_where_it_went(ask: Ask, make_case: MakeCase) -> None:
    main = make_case()
    double = make_case(state="merged", merged_into=main)
    (item,) = ask(f"v2/requests/{double.pk}").document
    assert item["status"] == "closed"
    assert str(main.pk) in item["status_notes"]


def test_near_finds_by_distance(ask: Ask, make_case: MakeCase) -> None:
    here = make_case()
    make_case(lon=LON + 0.01)  # about 900 m east
    near = {"lat": LAT, "long": LON}
    assert ids(ask("v2/requests", **near, radius=500)) == [str(here.pk)]
    assert len(ids(ask("v2/requests", **near, radius=1000))) == 2
    assert ids(ask("v2/requests", lat=LAT, long=LON)) == [str(here.pk)]


def test_words_are_found_in_text_and_address(ask: Ask, make_case: MakeCase) -> None:
    smell = make_case("垃圾堆有臭味")
    place = make_case("路灯不亮", address="臭河街 3 号")
    make_case("积水")
    assert set(ids(ask("v2/requests", q="臭"))) == {str(smell.pk), str(place.pk)}


def test_updated_after_finds_old_requests_too(ask: Ask, make_case: MakeCase) -> None:
    at = datetime(2026, 6, 1, 8, tzinfo=UTC)
    touched = make_case(days=300, updated_at=at)
    make_case(days=300, updated_at=at - timedelta(days=2))
    found = ask(
        "v2/requests",
        updated_after=iso(at - timedelta(hours=1)),
        updated_before=iso(at + timedelta(hours=1)),
    )
    assert ids(found) == [str(touched.pk)]


def test_markup_in_texts_is_escaped_not_removed(ask: Ask, make_case: MakeCase) -> None:
    text = "<script>alert('1')</script> & \"'; --"
    case = make_case(text)
    found = ask(f"v2/requests/{case.pk}")
    assert found.document[0]["description"] == text
    if found.root:
        assert b"<script>" not in found.content


def test_extensions_tell_the_life_of_a_request(ask: Ask, make_case: MakeCase, town: Town) -> None:
    case = make_case(code="01001")
    actions.accept(
        actor=town.actor(Role.ACCEPTOR), case_id=case.pk, matter_id=town.matters["01001"].pk,
        opinion="电话里说人很急",
    )  # fmt: skip
    found = ask("v2/requests", extensions="true")
    (item,) = found.document
    assert item["extended_attributes"]["state"] == "pending_file"
    assert [note["type"] for note in item["notes"]] == ["receive", "accept"]
    assert "人很急" not in found.content.decode()


def test_updates_follow_the_public_steps(ask: Ask, make_case: MakeCase, town: Town) -> None:
    case, hidden = make_case(code="01001"), make_case(code="01001", public=False)
    for one in (case, hidden):
        actions.accept(
            actor=town.actor(Role.ACCEPTOR), case_id=one.pk, matter_id=town.matters["01001"].pk,
            opinion="内部意见",
        )  # fmt: skip
        actions.file(
            actor=town.actor(Role.SHIFT_LEADER), case_id=one.pk, standard_id=town.standard.pk
        )
    found = ask("v2/servicerequestupdates")
    assert found.root in ("", "service_request_updates")
    assert "内部意见" not in found.content.decode()
    assert [(u["service_request_id"], u["status"]) for u in found.document] == [
        (str(case.pk), "INVESTIGATING"),
        (str(case.pk), "INVESTIGATING"),
    ]
    steps = CaseRecord.objects.filter(case=case).exclude(from_state="").order_by("seq")
    assert [u["update_id"] for u in found.document] == [str(step.pk) for step in steps]
    later = ask("v2/servicerequestupdates", start_date=iso(datetime.now(UTC) + timedelta(1)))
    assert later.document == []


def test_every_state_has_a_word_for_followers() -> None:
    from chengyun.open311.queries.updates import UPDATE_STATUS

    assert set(UPDATE_STATUS) == set(State)


def test_a_page_of_requests_costs_the_same_however_long(
    ask: Ask, make_case: MakeCase, django_assert_max_num_queries: Any
) -> None:
    for _ in range(12):
        make_case()
    ask("v2/requests")
    with django_assert_max_num_queries(3):
        assert len(ids(ask("v2/requests"))) == 12
    with django_assert_max_num_queries(5):
        ask("v2/requests", extensions="true")
