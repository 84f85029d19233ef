"""A client that others wrote (`georeport` from PyPI) talks to a live server of ours.

It reads services, definitions and requests in both formats. It does not submit; of the other
libraries, `three` imports only on Python 2, and `open311` from npm needs a dependency by `git://`.
Submissions are therefore sent by a plain HTTP client here, and come back through the foreign one.
"""

from collections.abc import Callable, Iterator
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connections

from chengyun.governance.models import Case
from chengyun.open311.models import Open311Attribute
from tests.api.town import LAT, LON, Town

georeport = pytest.importorskip("georeport", reason="the PyPI client georeport is not installed")

pytestmark = pytest.mark.serial


@pytest.fixture
def address(db: None) -> Iterator[str]:
    """A server on a free port. It works on this test's connection, so that nothing is committed:
    the append-only tables could not be emptied afterwards."""
    shared = connections["default"]
    shared.inc_thread_sharing()
    server = make_server("127.0.0.1", 0, WSGIHandler(), handler_class=Quiet)

    def serve() -> None:
        connections["default"] = shared
        server.serve_forever(poll_interval=0.05)

    # At the end of a request Django would drop a connection that is inside a transaction.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    thread = Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
    shared.dec_thread_sharing()


class Quiet(WSGIRequestHandler):
    """Logs nothing."""

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(params=["json", "xml"])
def foreign(request: pytest.FixtureRequest, address: str) -> Any:
    return georeport.GeoReport(f"{address}/open311/v2", output_format=request.param)


def test_it_reads_services_and_definitions(foreign: Any, questions: list[Open311Attribute]) -> None:
    listed = foreign.get_service_list()
    assert [item["service_code"] for item in listed] == ["01001", "01002", "02001", "02002"]
    definition = foreign.get_service_definition("01001")
    assert definition["service_code"] == "01001"


def test_it_reads_what_was_submitted(
    foreign: Any, address: str, key: str, make_case: Callable[..., Case]
) -> None:
    make_case(state="closed", closed_at="2026-06-01T00:00:00Z")
    form = {"api_key": key, "service_code": "01001", "lat": LAT, "long": LON}
    sent = httpx.post(
        f"{address}/open311/v2/requests.json", data=form | {"description": "井盖 & <洞>"}
    )
    assert sent.status_code == 201
    number = sent.json()[0]["service_request_id"]
    one = foreign.get_service_request(number)
    assert one["description"] == "井盖 & <洞>"
    assert one["status"] == "open"
    listed = foreign.get_service_requests()
    assert len(listed) == 2
    assert listed[0]["service_request_id"] == number
    by_date = foreign.get_service_requests(
        service_code="01001", start_date=one["requested_datetime"], status="open"
    )
    assert number in str(by_date)


def test_it_is_told_of_its_mistakes(foreign: Any, town: Town) -> None:
    import requests

    with pytest.raises(requests.HTTPError) as failure:
        foreign.get_service_definition("99999")
    assert failure.value.response.status_code == 404


def test_the_command_checks_a_live_server(address: str, make_case: Callable[..., Case]) -> None:
    from typer.testing import CliRunner

    from chengyun.cli.open311 import app

    make_case()
    good = CliRunner().invoke(app, ["conformance", f"{address}/open311/v2"])
    assert good.exit_code == 0, good.output
    assert "service list" in good.output
    assert "FAIL" not in good.output
    bad = CliRunner().invoke(app, ["conformance", f"{address}/nothing/v2"])
    assert bad.exit_code == 1
    assert "FAIL" in bad.output
