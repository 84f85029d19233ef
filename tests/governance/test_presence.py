"""Who else has a case open: told to those at the same case, forgotten when they go."""

from typing import Any

import pytest
from django.db import connection

from chengyun.core.models import AuditEntry, DomainEvent
from tests.governance.conftest import Refused


def here(desk: Any, case: int, doing: str = "viewing") -> list[Any]:
    answer = desk.post(f"/cases/{case}/presence", doing=doing)
    return [(other["id"], other["doing"]) for other in answer["others"]]


def leave(desk: Any, case: int) -> int:
    answer = desk.client.delete(
        f"/api/cases/{case}/presence", headers={"Authorization": f"Bearer {desk.token}"}
    )
    return int(answer.status_code)


def test_two_at_one_case_see_each_other(hall: Any) -> None:
    case, other_case = hall.reported(), hall.reported()
    audited, events = AuditEntry.objects.count(), DomainEvent.objects.count()
    assert here(hall.acceptor, case) == []
    began = hall.now
    hall.later(seconds=10)
    [seen] = hall.shift_leader.post(f"/cases/{case}/presence", doing="writing")["others"]
    assert seen == {
        "id": hall.acceptor.user.pk, "name": "受理员", "organisation_zh": "城市运行管理中心",
        "organisation_en": "Centre", "doing": "viewing",
        "since": began.isoformat().replace("+00:00", "Z"),
    }  # fmt: skip
    assert here(hall.acceptor, case) == [(hall.shift_leader.user.pk, "writing")]
    assert here(hall.dispatcher, other_case) == []
    assert (AuditEntry.objects.count(), DomainEvent.objects.count()) == (audited, events)


def test_since_tells_when_they_began_to_do_it(hall: Any) -> None:
    case = hall.reported()

    def since() -> str:
        [seen] = hall.leader.post(f"/cases/{case}/presence", doing="viewing")["others"]
        return str(seen["since"])

    here(hall.acceptor, case)
    first = since()
    hall.later(seconds=20)
    here(hall.acceptor, case)
    assert since() == first
    hall.later(seconds=5)
    here(hall.acceptor, case, "writing")
    second = since()
    assert second > first
    hall.later(seconds=60)
    here(hall.acceptor, case, "writing")
    assert since() > second, "they had been away"


def test_whoever_is_not_heard_of_has_left(hall: Any) -> None:
    case = hall.reported()
    here(hall.acceptor, case)
    hall.later(seconds=29)
    assert here(hall.leader, case) != []
    hall.later(seconds=2)
    assert here(hall.leader, case) == []
    here(hall.acceptor, case)
    assert leave(hall.acceptor, case) == 204
    assert leave(hall.acceptor, case) == 204
    assert here(hall.leader, case) == []


def test_only_who_may_see_the_case(hall: Any) -> None:
    case = hall.pending_handle()
    for desk in (hall.parks, hall.administrator):
        with pytest.raises(Refused) as refused:
            here(desk, case)
        assert refused.value.status == 404
        assert leave(desk, case) == 404
    for bad in ({"doing": "sleeping"}, {}, {"doing": "viewing", "user": 1}):
        with pytest.raises(Refused) as refused:
            hall.acceptor.post(f"/cases/{case}/presence", **bad)
        assert refused.value.status == 422


def test_a_page_gone_wild_is_slowed_down(hall: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chengyun.governance.api.presence.RATE", 2)
    case = hall.reported()
    for _ in range(2):
        here(hall.evaluator, case)
    with pytest.raises(Refused) as refused:
        here(hall.evaluator, case)
    assert refused.value.status == 429


def test_a_crash_forgets_it_and_nothing_else(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'core_presence'")
        assert cursor.fetchone() == ("u",)
