"""Cases in the search box: by number, for those who see them in the list, for nobody else."""

import json
from typing import Any

import pytest
from django.db import transaction

from chengyun.governance.models import Case
from tests.api.conftest import World, call

pytestmark = pytest.mark.django_db

WHO = ("anonymous", "nobody", "administrator", "collector", "dispatcher", "department")


def found(world: World, blocker: Any, who: str, q: str) -> list[dict[str, Any]]:
    response = call(world, blocker, who, "GET", f"/api/find?q={q}")
    assert response.status_code == 200, response.content
    items = json.loads(response.content)["items"]
    return [item for item in items if item["kind"] == "case"]


def test_cases_are_found_by_those_who_see_them(world: World, django_db_blocker: Any) -> None:
    number = "B990001202601010001"
    with django_db_blocker.unblock(), transaction.atomic():
        Case.objects.filter(pk=world.case.pk).update(number=number)
        for q, match in ((number, "exact"), (number[:9], "prefix"), (number.lower(), "exact")):
            seen = {who: found(world, django_db_blocker, who, q) for who in WHO}
            assert {who for who, items in seen.items() if items} == set(WHO[3:]), q
            (item,) = seen["collector"]
            assert (item["code"], item["match"]) == (number, match)
            assert item["href"] == f"/desk/cases/{world.case.pk}"
        # Out of the department's hands, out of its sight.
        Case.objects.filter(pk=world.case.pk).update(scope_orgs=["ELSEWHERE"])
        assert found(world, django_db_blocker, "department", number) == []
        assert found(world, django_db_blocker, "collector", number)
        transaction.set_rollback(True)


def test_a_report_leads_to_its_case(world: World, django_db_blocker: Any) -> None:
    number = world.report.number
    for who in WHO:
        items = found(world, django_db_blocker, who, number)
        assert [item["href"] for item in items] == (
            [f"/desk/cases/{world.case.pk}"] if who in WHO[3:] else []
        )
    assert found(world, django_db_blocker, "collector", number[:3]) == []
