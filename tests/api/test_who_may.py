"""Every role × every endpoint: an explicit table. An endpoint that is missing here fails.

Who is written in letters, one per post:

    C collector   A acceptor   S shift leader   D dispatcher   P department
    H handler     E evaluator  L leader         M data manager X administrator

`+` is anybody who is signed in, with a post or without. `?` welcomes the anonymous citizen too;
a token that carries the wrong scope is still refused. `*` asks nobody who he is. `!` is signed by
machines and takes no person at all.
"""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from chengyun.config.api import api
from chengyun.core.models import Role
from chengyun.governance.flow import ROWS, Operation
from chengyun.governance.models import Case
from tests.api.conftest import World, as_json, call, expect_problem

pytestmark = pytest.mark.django_db

POSTS = {
    "C": Role.COLLECTOR, "A": Role.ACCEPTOR, "S": Role.SHIFT_LEADER, "D": Role.DISPATCHER,
    "P": Role.DEPARTMENT, "H": Role.HANDLER, "E": Role.EVALUATOR, "L": Role.LEADER,
    "M": Role.DATA_MANAGER, "X": Role.ADMINISTRATOR,
}  # fmt: skip
#: All posts that see the city's cases: the administrator runs the system and does not.
SIGHT = "CASDPHELM"

ACCESS: dict[str, str] = {
    "GET /api/health": "*",
    "GET /api/ready": "*",
    # People, tokens, calendars, oversight
    "GET /api/me": "+",
    "PATCH /api/me": "+",
    "GET /api/me/preferences": "+",
    "PUT /api/me/preferences/{key}": "+",
    "DELETE /api/me/preferences/{key}": "+",
    "GET /api/organisations": "+",
    "PUT /api/organisations/{code}": "MX",
    "GET /api/users": "X",
    "POST /api/users": "X",
    "PATCH /api/users/{user_id}": "X",
    "POST /api/users/{user_id}/password": "X",
    "POST /api/users/{user_id}/deactivate": "X",
    "GET /api/users/{user_id}/grants": "X",
    "POST /api/users/{user_id}/grants": "X",
    "DELETE /api/grants/{grant_id}": "X",
    "GET /api/tokens": "+",
    "POST /api/tokens": "+",
    "DELETE /api/tokens/{token_id}": "X",
    "GET /api/calendars": "+",
    "PUT /api/calendars/{code}": "MX",
    "GET /api/calendars/{code}/deadline": "+",
    "POST /api/attachments": "?",
    "GET /api/attachments/{key}": "?",
    "GET /api/audit": "+",
    "GET /api/outbox/stuck": "X",
    "POST /api/outbox/{message_id}/retry": "X",
    "POST /api/contacts/{contact_id}/reveal": "ASPH",
    # The map
    "GET /api/areas": "?",
    "GET /api/areas/{code}": "?",
    "GET /api/places": "?",
    "GET /api/unit-grids/{code}": "?",
    "GET /api/unit-grids": "?",
    "GET /api/unit-grids/faults": "M",
    "PUT /api/unit-grids/{code}": "M",
    "POST /api/unit-grids/{code}/retire": "M",
    "POST /api/unit-grids/{code}/split": "M",
    "GET /api/editions": "?",
    "GET /api/editions/{edition}/matters": "?",
    "GET /api/editions/{edition}/component-classes": "?",
    "GET /api/components": "+",
    "GET /api/components/total": "+",
    "GET /api/components/{code}": "+",
    "GET /api/components/export.{form}": "+",
    "POST /api/components/search": "+",
    "POST /api/components/counts": "+",
    "POST /api/components/export.{form}": "+",
    "GET /api/components/{code}/changes": "+",
    "GET /api/components/{code}/cases": "+",
    "PUT /api/components/{code}": "M",
    "PATCH /api/components/{code}": "M",
    "DELETE /api/components/{code}": "M",
    "POST /api/components/{code}/restore": "M",
    "POST /api/components/{code}/photos": "CM",
    "DELETE /api/components/{code}/photos/{photo}": "M",
    "GET /api/addresses": "+",
    "GET /api/find": "?",
    "GET /api/basemap": "?",
    "POST /api/places/batch": "+",
    "GET /api/inventory": "+",
    "GET /api/nearest": "+",
    "GET /api/density": "+",
    "GET /api/layers": "?",
    "POST /api/layers": "MX",
    "POST /api/layers/order": "MX",
    "GET /api/layers/{code}": "MX",
    "PATCH /api/layers/{code}": "MX",
    "DELETE /api/layers/{code}": "MX",
    "POST /api/layers/{code}/rows": "MX",
    "GET /api/layers/{code}/fillings": "MX",
    "GET /api/layers/{code}/fillings/{filling_id}": "MX",
    "POST /api/layers/{code}/fillings/{filling_id}/cancel": "MX",
    "GET /api/layers/{code}/fillings/{filling_id}/rejected.csv": "MX",
    "GET /api/surveys": "M",
    "POST /api/surveys": "M",
    "GET /api/surveys/{survey_id}": "M",
    "GET /api/surveys/{survey_id}/rows": "M",
    "PATCH /api/surveys/{survey_id}/rows": "M",
    "POST /api/surveys/{survey_id}/apply": "M",
    "POST /api/surveys/{survey_id}/discard": "M",
    "GET /api/surveys/{survey_id}/rejected.csv": "M",
    "GET /api/surveys/{survey_id}/rejected.geojson": "M",
    # Reports
    "POST /api/reports": "?",
    "GET /api/reports": "+",
    "GET /api/reports/{number}": "?",
    "POST /api/reports/{number}/rating": "?",
    "GET /api/visits": "AS",
    "POST /api/suggestions": "?",
    # The city now
    "GET /api/overview": "+",
    # In the street
    "GET /api/duty-grids": "+",
    "GET /api/patrols": "+",
    "POST /api/patrols": "CH",
    # Reading cases
    "GET /api/cases": "+",
    "GET /api/cases/counts": "+",
    "GET /api/cases/total": "+",
    "GET /api/work": "+",
    "GET /api/cases/{case_id}": SIGHT,
    "GET /api/cases/{case_id}/choices": SIGHT,
    "POST /api/cases/{case_id}/presence": SIGHT,
    "DELETE /api/cases/{case_id}/presence": SIGHT,
    "GET /api/cases/{case_id}/suggestions": SIGHT,
    "GET /api/tasks": "+",
    "GET /api/export/cases.{form}": "+",
    # Supervision axis: report to filed case
    "POST /api/cases/{case_id}/self-handle": "C",
    "POST /api/cases/{case_id}/accept": "A",
    "POST /api/cases/{case_id}/send-verify": "A",
    "POST /api/cases/{case_id}/verify": "C",
    "POST /api/cases/{case_id}/refuse": "AS",
    "POST /api/cases/{case_id}/file": "S",
    "POST /api/cases/{case_id}/return-report": "S",
    # Command axis
    "POST /api/cases/{case_id}/dispatch": "D",
    "POST /api/cases/{case_id}/return-case": "D",
    "POST /api/cases/{case_id}/redispatch": "D",
    "POST /api/cases/{case_id}/split": "D",
    "POST /api/cases/{case_id}/forward": "D",
    "POST /api/cases/{case_id}/reject-feedback": "D",
    # Handling axis
    "POST /api/cases/{case_id}/sign": "P",
    "POST /api/cases/{case_id}/return-dispatch": "P",
    "POST /api/cases/{case_id}/assign": "P",
    "POST /api/cases/{case_id}/unassign": "PH",
    "POST /api/cases/{case_id}/make-safe": "PH",
    "POST /api/cases/{case_id}/finish": "PH",
    "POST /api/cases/{case_id}/co-finish": "P",
    # Supervision axis: check, close, visit back
    "POST /api/cases/{case_id}/pass-check": "C",
    "POST /api/cases/{case_id}/cannot-check": "C",
    "POST /api/cases/{case_id}/rework": "CS",
    "POST /api/cases/{case_id}/recheck": "S",
    "POST /api/cases/{case_id}/close": "S",
    "POST /api/cases/{case_id}/visit-back": "A",
    "POST /api/cases/{case_id}/reopen": "A",
    "POST /api/cases/{case_id}/void": "AS",
    "POST /api/cases/{case_id}/merge": "AS",
    "POST /api/cases/{case_id}/unmerge": "S",
    "POST /api/cases/{case_id}/amend": "AS",
    "POST /api/cases/{case_id}/annotate": "CASDPHEL",
    # Asked by one side, decided by the other
    "POST /api/cases/{case_id}/ask-extension": "PH",
    "POST /api/cases/{case_id}/grant-extension": "D",
    "POST /api/cases/{case_id}/refuse-extension": "D",
    "POST /api/cases/{case_id}/ask-suspension": "PH",
    "POST /api/cases/{case_id}/grant-suspension": "D",
    "POST /api/cases/{case_id}/refuse-suspension": "D",
    "POST /api/cases/{case_id}/ask-deferral": "P",
    "POST /api/cases/{case_id}/endorse-deferral": "D",
    "POST /api/cases/{case_id}/grant-deferral": "S",
    "POST /api/cases/{case_id}/refuse-deferral": "DS",
    "POST /api/cases/{case_id}/resume": "DP",
    "POST /api/cases/{case_id}/supervise": "LS",
    "POST /api/cases/{case_id}/answer-supervision": "P",
    "POST /api/cases/{case_id}/urge": "LSDA",
    "POST /api/cases/{case_id}/ask-forced-close": "S",
    "POST /api/cases/{case_id}/grant-forced-close": "L",
    "POST /api/cases/{case_id}/refuse-forced-close": "L",
    "POST /api/cases/{case_id}/appeal": "P",
    "POST /api/cases/{case_id}/endorse-appeal": "D",
    "POST /api/cases/{case_id}/grant-appeal": "A",
    "POST /api/cases/{case_id}/refuse-appeal": "DA",
    # Evaluation: a department reads its own
    "GET /api/evaluation/measures": "+",
    "GET /api/evaluation/cases": "ELSP",
    "GET /api/evaluation/schemes": "ELSPX",
    "POST /api/evaluation/schemes": "EX",
    "PUT /api/evaluation/schemes/{code}": "EX",
    "DELETE /api/evaluation/schemes/{code}": "EX",
    "GET /api/evaluation/{kind}": "ELSP",
    # Machines
    "POST /api/alarms/{source}": "!",
    "GET /api/alarm-sources": "X",
    "POST /api/alarm-sources": "X",
    "POST /api/alarm-sources/{code}/rotate": "X",
    "PATCH /api/alarm-sources/{code}": "X",
}

#: What a request must carry so that only the caller decides on it.
QUERY: dict[str, str] = {
    "GET /api/places": "lon=120.05&lat=36.05",
    "GET /api/nearest": "lon=120.05&lat=36.05",
    "GET /api/addresses": "q=中山",
    "GET /api/find": "q=中山",
    "GET /api/calendars/{code}/deadline": "start=2026-01-01T00:00:00Z&limit=1&unit=work_day",
    "GET /api/reports/{number}": "code={follow}",
    "GET /api/evaluation/cases": "period=2026-01&kind=department&measure=filed&object=WORKS",
    "GET /api/evaluation/{kind}": "period=2026-01",
}
_AROUND = [[120.04, 36.04], [120.06, 36.04], [120.06, 36.06], [120.04, 36.06], [120.04, 36.04]]
BODY: dict[str, Any] = {
    "POST /api/components/search": {"within": {"type": "Polygon", "coordinates": [_AROUND]}},
    "POST /api/components/counts": {"within": {"type": "Polygon", "coordinates": [_AROUND]}},
    "POST /api/components/export.{form}": {
        "within": {"type": "Polygon", "coordinates": [_AROUND]},
    },
    "PUT /api/unit-grids/{code}": {
        "community": "990001001001", "geometry": {"type": "Polygon", "coordinates": [_AROUND]},
    },
    "POST /api/unit-grids/{code}/split": {"parts": [
        {"code": "990001001001002", "geometry": {"type": "Polygon", "coordinates": [_AROUND]}},
        {"code": "990001001001003", "geometry": {"type": "Polygon", "coordinates": [_AROUND]}},
    ]},
    "PUT /api/components/{code}": {"lon": 120.05, "lat": 36.05},
    "PATCH /api/components/{code}": {"state": "damaged"},
    "POST /api/components/{code}/photos": {"attachment": "00000000-0000-0000-0000-000000000000"},
    "PUT /api/organisations/{code}": {"name_zh": "市政工程处", "kind": "department"},
    "POST /api/users": {"username": "fresh", "password": "long-enough-4-all"},
    "PATCH /api/users/{user_id}": {"display_name": "新名"},
    "POST /api/users/{user_id}/password": {"password": "long-enough-4-all"},
    "POST /api/users/{user_id}/grants": {"role": "collector", "area_code": "990001"},
    "POST /api/tokens": {"name": "mine", "scopes": ["read"]},
    "PUT /api/calendars/{code}": {
        "name_zh": "海城", "zone": "Asia/Shanghai", "duty": [["08:00", "12:00"]],
    },
    "POST /api/contacts/{contact_id}/reveal": {"reason": "回访"},
    "POST /api/reports": {"text": "井盖缺失"},
    "POST /api/cases/{case_id}/presence": {"doing": "viewing"},
    "PATCH /api/me": {"language": "en"},
    "POST /api/places/batch": {"points": [[120.05, 36.05]]},
    "POST /api/reports/{number}/rating": {"code": "{follow}", "solved": True, "satisfied": True},
    "POST /api/suggestions": {"text": "井盖缺失"},
    "POST /api/patrols": {
        "points": [{"at": datetime.now(UTC).isoformat(), "lon": 120.05, "lat": 36.05}]
    },
    "POST /api/evaluation/schemes": {
        "code": "new", "kind": "post", "role": "acceptor", "name_zh": "岗", "name_en": "Post",
        "weights": {}, "grades": [],
    },
    "PUT /api/evaluation/schemes/{code}": {
        "kind": "department", "name_zh": "部门", "name_en": "Departments", "weights": {},
        "grades": [],
    },
    "POST /api/alarm-sources": {"code": "new", "name": "新"},
    "POST /api/layers": {"code": "wells", "name_zh": "水井", "shape": "point"},
    "POST /api/layers/order": {"order": [{"code": "benches"}]},
    "PATCH /api/layers/{code}": {"name_zh": "座椅"},
    "PATCH /api/surveys/{survey_id}/rows": {"ids": [1], "declined": True},
    "PATCH /api/alarm-sources/{code}": {"active": False},
}  # fmt: skip


def operations() -> set[str]:
    paths = api.get_openapi_schema()["paths"]
    return {f"{method.upper()} {path}" for path, item in paths.items() for method in item}


def test_the_table_names_every_endpoint_and_no_other() -> None:
    assert operations() - set(ACCESS) == set(), "add these to ACCESS: who may?"
    assert set(ACCESS) - operations() == set(), "these are gone"


def test_no_operation_on_a_case_is_open_to_two_axes_that_must_be_apart() -> None:
    """Whoever dispatches does not check or close, and a department does not check its own work."""
    for name in ("verify", "file", "pass-check", "cannot-check", "recheck", "close", "reopen"):
        assert not set(ACCESS[f"POST /api/cases/{{case_id}}/{name}"]) & set("DPH")
    for name in ("dispatch", "redispatch", "grant-extension", "grant-suspension"):
        assert set(ACCESS[f"POST /api/cases/{{case_id}}/{name}"]) == {"D"}


def test_the_table_and_the_flow_agree() -> None:
    """Written twice on purpose: a post that slips into the flow is seen here."""
    for operation, rows in ROWS.items():
        if operation is Operation.RECEIVE:
            continue
        name = f"POST /api/cases/{{case_id}}/{operation.value.replace('_', '-')}"
        assert {POSTS[letter] for letter in ACCESS[name]} == {
            role for row in rows for role in row.who
        }, name


def request_of(world: World, endpoint: str) -> tuple[str, str, dict[str, Any]]:
    """Method, address and body of a request in which everything exists."""
    method, template = endpoint.split(" ", 1)
    noun = template.split("/{code}")[0].rsplit("/", 1)[-1]
    names = world.names | {"code": world.names.get(noun, "")}
    path = re.sub(r"\{(\w+)\}", lambda match: str(names[match[1]]), template)
    if endpoint in QUERY:
        path += "?" + QUERY[endpoint].replace("{follow}", names["follow"])
    if endpoint == "POST /api/attachments":
        return method, path, _upload()
    if endpoint == "POST /api/layers/{code}/rows":
        return method, path, _layer_rows()
    if endpoint == "POST /api/surveys":
        return method, path, _survey()
    if method in ("POST", "PUT", "PATCH"):
        body = json.dumps(BODY.get(endpoint, {})).replace("{follow}", names["follow"])
        return method, path, as_json(json.loads(body))
    return method, path, {}


def _layer_rows() -> dict[str, Any]:
    place = {"type": "Point", "coordinates": [120.05, 36.05]}
    rows = [{"type": "Feature", "geometry": place, "properties": {"a": 1}}]
    head = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.geojson"\r\n'
        b"Content-Type: application/geo+json\r\n\r\n"
    )
    content = json.dumps({"type": "FeatureCollection", "features": rows}).encode()
    return {
        "data": head + content + b"\r\n--b--\r\n",
        "content_type": "multipart/form-data; boundary=b",
    }


def _survey() -> dict[str, Any]:
    body = _layer_rows()
    register = b'--b\r\nContent-Disposition: form-data; name="register"\r\n\r\ncomponents\r\n'
    return {**body, "data": register + body["data"]}


def _upload() -> dict[str, Any]:
    from tests.api.conftest import picture

    head = (
        b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nreport\r\n--b\r\n'
        b'Content-Disposition: form-data; name="file"; filename="a.png"\r\n'
        b"Content-Type: image/png\r\n\r\n"
    )
    return {
        "data": head + picture() + b"\r\n--b--\r\n",
        "content_type": "multipart/form-data; boundary=b",
    }


@pytest.mark.parametrize("endpoint", sorted(ACCESS))
def test_who_may(world: World, django_db_blocker: Any, endpoint: str) -> None:
    who = ACCESS[endpoint]
    method, path, body = request_of(world, endpoint)

    def ask(caller: str) -> Any:
        return call(world, django_db_blocker, caller, method, path, **body)

    anonymous, scopeless, nobody = ask("anonymous"), ask("scopeless"), ask("nobody")
    if who == "!":
        for caller in ("anonymous", "everybody"):
            expect_problem(ask(caller), 401)
        return
    if who == "*":
        assert {r.status_code for r in (anonymous, scopeless, nobody)} <= {200, 503}
        return
    expect_problem(scopeless, 403)
    if who == "?":
        _is_let_in(anonymous, endpoint, "anonymous")
    else:
        expect_problem(anonymous, 401)
    if who in ("?", "+"):
        _is_let_in(nobody, endpoint, "nobody")
    else:
        expect_problem(nobody, 403, 404)
    for letter, role in POSTS.items():
        response = ask(role.value)
        if who in ("?", "+") or letter in who:
            _is_let_in(response, endpoint, role.value)
        else:
            assert response.status_code in (403, 404), (
                f"{endpoint}: {role.value} got {response.status_code}, not 403 or 404: "
                f"{response.content[:300]!r}"
            )
            expect_problem(response, 403, 404)


def test_a_photo_of_a_case_that_is_not_public_is_for_those_who_see_the_case(
    world: World, django_db_blocker: Any
) -> None:
    path = f"/api/attachments/{world.names['key']}"
    with django_db_blocker.unblock(), transaction.atomic():
        Case.objects.filter(pk=world.case.pk).update(public=False)
        seen = {
            caller: call(world, django_db_blocker, caller, "GET", path).status_code
            for caller in ("anonymous", "nobody", "administrator", "collector", "department")
        }
        transaction.set_rollback(True)
    assert seen == {
        "anonymous": 404, "nobody": 404, "administrator": 404, "collector": 200, "department": 200,
    }  # fmt: skip


def _is_let_in(response: Any, endpoint: str, caller: str) -> None:
    """In, as far as the post matters: done, or refused for the state or content of the thing."""
    assert response.status_code in (200, 201, 202, 204, 409, 422), (
        f"{endpoint}: {caller} got {response.status_code}: {response.content[:300]!r}"
    )
    if response.status_code >= 400:
        expect_problem(response, 409, 422)
