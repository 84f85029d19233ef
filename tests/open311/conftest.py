"""A town, a client program with its key, and both formats of every test."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from chengyun.core.models import Role
from chengyun.governance import actions
from chengyun.governance.models import Case, Channel
from chengyun.open311.conformance import parse
from chengyun.open311.models import Open311Attribute
from tests.api.town import LAT, LON, Town, build_town


@dataclass
class Reply:
    """An answer of the server: its document has the same shape in both formats."""

    status: int
    document: Any
    root: str
    headers: Any
    content: bytes

    def faults(self) -> str:
        """The descriptions of all errors, checked for their shape."""
        assert isinstance(self.document, list)
        for error in self.document:
            assert set(error) == {"code", "description"}
            assert str(error["code"]) == str(self.status)
        return "\n".join(error["description"] for error in self.document)


@pytest.fixture
def town(db: None) -> Town:
    return build_town()


@pytest.fixture
def configure(settings: Any) -> Callable[..., None]:
    """Change fields of the typed settings for one test."""

    def change(**fields: Any) -> None:
        settings.CHENGYUN = settings.CHENGYUN.model_copy(update=fields)

    return change


@pytest.fixture(autouse=True)
def unhurried(configure: Callable[..., None]) -> None:
    """Tests ask more often than a client may."""
    configure(rate_user=10**6, rate_machine=10**6)


@pytest.fixture(params=["xml", "json"])
def fmt(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def ask(client: Client, fmt: str) -> Callable[..., Reply]:
    """GET an address of the server in the test's format."""

    def get(path: str, language: str = "en", **params: Any) -> Reply:
        response = client.get(
            f"/open311/{path}.{fmt}", params, headers={"Accept-Language": language}
        )
        return _reply(response, fmt)

    return get


@pytest.fixture
def key(town: Town) -> str:
    """The API key of a client program."""
    return town.token(Role.DATA_MANAGER, "open311")


@pytest.fixture
def send(client: Client, fmt: str, key: str) -> Callable[..., Reply]:
    """POST a submission; what is not given is a complete request about a missing cover."""

    def post(headers: dict[str, str] | None = None, **form: Any) -> Reply:
        complete = {
            "api_key": key,
            "service_code": "01001",
            "lat": str(LAT),
            "long": str(LON),
            "description": "井盖没了",
        }
        data = {k: v for k, v in (complete | form).items() if v is not None}
        response = client.post(
            f"/open311/v2/requests.{fmt}",
            data,
            headers={"Accept-Language": "en"} | (headers or {}),
        )
        return _reply(response, fmt)

    return post


def _reply(response: Any, fmt: str) -> Reply:
    content = response.getvalue()
    root, document = parse(content, fmt)
    return Reply(response.status_code, document, root, response.headers, content)


@pytest.fixture
def make_case(town: Town) -> Callable[..., Case]:
    """Put a request into the city; `days` ago, and changed as `fields` say."""

    def make(
        text: str = "路灯不亮", *, code: str = "01002", days: float = 0, lon: float = LON,
        lat: float = LAT, public: bool = True, **fields: Any,
    ) -> Case:  # fmt: skip
        at = datetime.now(UTC).replace(microsecond=0) - timedelta(days=days)
        receipt = actions.receive_report(
            actor=town.actor(Role.ACCEPTOR),
            channel=Channel.CITIZEN,
            text=text,
            lon=lon,
            lat=lat,
            matter_id=town.matters[code].pk,
            reported_at=at,
            public=public,
            contact=actions.NewContact(name="王小明", phone="13912345678", email="w@example.com"),
        )
        if fields:
            Case.objects.filter(pk=receipt.case.pk).update(**fields)
        return Case.objects.get(pk=receipt.case.pk)

    return make


@pytest.fixture
def questions(town: Town) -> list[Open311Attribute]:
    """The service of missing covers asks four things and explains one."""
    common: dict[str, Any] = {"matter": town.matters["01001"]}
    rows = [
        Open311Attribute(
            **common, code="NOTE", order=1, variable=False, datatype="string",
            description_zh="请勿靠近", description_en="Keep away",
        ),
        Open311Attribute(
            **common, code="TYPE", order=2, datatype="singlevaluelist", required=True,
            description_zh="井盖类型", description_en="Type of cover",
            keys=["water", "power"], names_zh=["供水", "电力"], names_en=["Water", "Power"],
        ),
        Open311Attribute(
            **common, code="HAZARD", order=3, datatype="multivaluelist",
            description_zh="危险", description_en="Hazards",
            keys=["road", "dark", "deep"], names_zh=["行车道", "照明差", "井深"],
            names_en=["", "", ""],
        ),
        Open311Attribute(
            **common, code="COUNT", order=4, datatype="number", description_zh="数量",
        ),
        Open311Attribute(
            **common, code="SINCE", order=5, datatype="datetime", description_zh="发现时间",
        ),
    ]  # fmt: skip
    return Open311Attribute.objects.bulk_create(rows)
