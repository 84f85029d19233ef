"""One life of the platform on this machine, from the outside: up, killed, up again, down."""

import http.client
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from chengyun.config.environment import environment
from chengyun.server.children import Child
from chengyun.server.postgres import ServerError
from chengyun.server.supervisor import Supervisor, Wish, check_port
from tests.platform.conftest import Run

pytestmark = [pytest.mark.serial, pytest.mark.slow]


def _get(port: int, path: str) -> tuple[int, Any]:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    link.request("GET", path)
    answer = link.getresponse()
    return answer.status, json.loads(answer.read())


def _post(port: int, path: str, body: object) -> tuple[int, Any]:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    link.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    answer = link.getresponse()
    return answer.status, json.loads(answer.read())


def _status(chengyun: Run) -> dict[str, Any]:
    return dict(json.loads(chengyun("status", "--json").stdout))


def _until(true: Any, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.3)


def test_a_whole_life(chengyun: Run, free_port: int) -> None:
    port = str(free_port)
    assert chengyun("status").returncode == 3

    started = chengyun("up", "--detach", "--port", port, "--workers", "1")
    assert started.returncode == 0, started.stdout + started.stderr
    assert f"http://127.0.0.1:{port}/desk" in started.stdout
    # Nothing is there yet: it says what comes first.
    assert "`chengyun load FOLDER`" in started.stdout
    assert "`chengyun users create NAME`" in started.stdout
    assert _get(free_port, "/api/health")[1]["status"] == "ok"
    code, ready = _get(free_port, "/api/ready")
    assert (code, ready["ready"]) == (200, True), ready

    # A body passes through the server, the dispatcher and WSGI; this one is too long for a report.
    code, problem = _post(free_port, "/api/reports", {"text": "井盖" * 100_000})
    assert (code, problem["status"]) == (422, 422), problem

    state = _status(chengyun)
    assert state["ready"] is True
    assert set(state["children"]) >= {"server", "worker-1"}

    # A second `up` finds it; one on another port is refused in one sentence.
    assert chengyun("up", "--port", port).returncode == 0
    refused = chengyun("up", "--port", str(free_port + 1))
    assert refused.returncode == 1
    assert "already runs" in refused.stderr

    # A killed worker and a killed PostgreSQL come back by themselves.
    os.kill(state["children"]["worker-1"], signal.SIGKILL)
    os.kill(state["database"]["pid"], signal.SIGKILL)
    _until(lambda: _get(free_port, "/api/health")[0] == 200)

    def recovered() -> bool:
        now = _status(chengyun)
        return bool(
            now["ready"]
            and now["database"]["pid"] != state["database"]["pid"]
            and now["children"].get("worker-1") not in (None, state["children"]["worker-1"])
        )

    _until(recovered)

    # A killed supervisor leaves nothing that blocks the next start.
    os.kill(state["pid"], signal.SIGKILL)
    again = chengyun("up", "--detach", "--port", port, "--workers", "1")
    assert again.returncode == 0, again.stdout + again.stderr
    assert _get(free_port, "/api/ready")[0] == 200

    stopped = chengyun("down")
    assert stopped.returncode == 0, stopped.stderr
    last = _status(chengyun)
    assert last["running"] is False
    assert last["database"]["pid"] is None
    check_port("127.0.0.1", free_port)
    assert "Nothing was running" in chengyun("down").stdout


def test_a_busy_port_is_one_sentence_with_the_way_out(chengyun: Run) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = int(other.getsockname()[1])
        with pytest.raises(ServerError, match=f"Port {port}.*another one, e.g. --port {port + 1}"):
            check_port("127.0.0.1", port)
        refused = chengyun("up", "--port", str(port))
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "Traceback" not in refused.stderr


def test_a_wrong_setting_is_one_sentence_that_names_it(chengyun: Run) -> None:
    refused = chengyun("status", CHENGYUN_TIME_ZONE="Asia/Qingdao")
    assert refused.returncode == 1
    assert refused.stderr.startswith("Setting CHENGYUN_TIME_ZONE: ")
    assert refused.stderr.count("\n") == 1


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(ServerError, match="cannot be used"):
        check_port("192.0.2.1", 8000)


def test_a_database_that_does_not_answer_is_one_sentence(chengyun: Run, tmp_path: Path) -> None:
    url = f"postgresql://nobody@/nothing?host={tmp_path}"
    refused = chengyun("migrate", DATABASE_URL=url)
    assert refused.returncode == 1
    assert refused.stderr.startswith("The database does not answer")
    assert "Traceback" not in refused.stderr


def test_a_server_that_cannot_start_says_why(tmp_path: Path, free_port: int) -> None:
    settings = environment().model_copy(update={"var": tmp_path})
    supervisor = Supervisor(settings, Wish("127.0.0.1", free_port, 1))
    broken = [sys.executable, "-c", "raise SystemExit('there is no such module')"]
    supervisor.children = [Child("server", broken, {}, log=tmp_path / "server.log")]
    supervisor.children[0].start()
    with pytest.raises(ServerError, match="server does not start: there is no such module"):
        supervisor._await_ready()
