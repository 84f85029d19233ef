"""A running platform of the small simulated city, and its people's HTTP sessions."""

import os
import re
import socket
import subprocess
import sys
import uuid
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import psycopg
from psycopg import sql

import chengyun

PASSWORD = "chengyun-demo"
#: Enough for a suite that comes from one address.
LIMITS = {
    "CHENGYUN_RATE_ANONYMOUS": "100000",
    "CHENGYUN_RATE_REPORTS": "100000",
    "CHENGYUN_RATE_USER": "100000",
}


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Platform:
    """One server with its workers on a database of its own.

    `settings` are variables of its environment. `api(role)` is that person's session; `report` and
    `step` do over HTTP what the pages do.
    """

    folder: Path
    database: str
    server: str
    port: int = field(default_factory=free_port)
    sessions: dict[str, httpx.Client] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *arguments: str) -> str:
        """The command `chengyun` as a person would give it; its output, or an AssertionError."""
        surroundings = os.environ | LIMITS | self.settings
        surroundings |= {"CHENGYUN_VAR": str(self.folder / "var"), "DATABASE_URL": self.database}
        surroundings.pop("CHENGYUN_STATEMENT_TIMEOUT_MS", None)
        done = subprocess.run(
            [sys.executable, "-m", "chengyun", *arguments],
            env=surroundings,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, *, city: bool = True) -> None:
        """Make the database, with the city if wanted, start the server and one worker."""
        model = self._model(city=city)
        with psycopg.connect(self.server, autocommit=True) as link:
            names = sql.Identifier(self.database_name), sql.Identifier(model)
            link.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        self.up()

    def _model(self, *, city: bool) -> str:
        """The database that this one is a copy of: kept on the server for the next run, made anew
        when what fills it has changed."""
        prefix = f"chengyun_model_{'city' if city else 'empty'}_"
        name = prefix + _fingerprint()
        with psycopg.connect(self.server, autocommit=True) as link:
            # Several runs may want it at once; one makes it.
            link.execute("SELECT pg_advisory_lock(hashtext(%s))", [prefix])
            old = link.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
            ).fetchall()
            if (name,) in old:
                return name
            for (gone,) in old:
                link.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(gone)))
            made = sql.Identifier(self.database_name)
            link.execute(sql.SQL("CREATE DATABASE {}").format(made))
            self.run("migrate")
            if city:
                city_folder = str(self.folder / "city")
                self.run("simulate", "city", city_folder, "--scale", "small", "--seed", "1")
                self.run("load", city_folder)
            # Renamed last: a model that was not finished does not exist.
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            link.execute(rename.format(made, sql.Identifier(name)))
        return name

    def beside(self, folder: Path, **settings: str) -> "Platform":
        """Another server of the same database, started with other settings; end it by `down`."""
        other = Platform(folder, self.database, self.server, settings=settings)
        other.up()
        return other

    def up(self) -> None:
        self.run("up", "--detach", "--port", str(self.port), "--workers", "1")

    def down(self) -> None:
        self.run("down")

    def destroy(self) -> None:
        """Stop everything and drop the database."""
        for session in self.sessions.values():
            session.close()
        self.down()
        with psycopg.connect(self.server, autocommit=True) as link:
            name = sql.Identifier(self.database_name)
            link.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    @property
    def database_name(self) -> str:
        return str(psycopg.conninfo.conninfo_to_dict(self.database)["dbname"])

    def api(self, username: str) -> httpx.Client:
        """The session of a demo account: cookies, CSRF header and base address set."""
        if username not in self.sessions:
            self.sessions[username] = self._signed_in(username)
        return self.sessions[username]

    def _signed_in(self, username: str) -> httpx.Client:
        client = httpx.Client(base_url=self.url, timeout=60)
        page = client.get("/accounts/login/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token, page[:300]
        answer = client.post(
            "/accounts/login/",
            data={"login": username, "password": PASSWORD, "csrfmiddlewaretoken": token[1]},
            headers={"Referer": self.url},
        )
        assert answer.status_code == 302, answer.text[:500]
        client.headers["X-CSRFToken"] = client.cookies["chengyun_csrf"]
        client.headers["Origin"] = self.url
        assert client.get("/api/me").status_code == 200
        return client

    def cookies(self, username: str) -> list[dict[str, Any]]:
        """The session's cookies as a browser takes them."""
        jar = self.api(username).cookies.jar
        return [{"name": c.name, "value": c.value or "", "url": self.url} for c in jar]

    def report(self, text: str, **content: Any) -> dict[str, Any]:
        """An anonymous report; the receipt (number, code)."""
        answer = httpx.post(
            f"{self.url}/api/reports",
            json={"text": text, **content},
            headers={"Idempotency-Key": str(uuid.uuid4())},
            timeout=60,
        )
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def case_of(self, report_number: str) -> dict[str, Any]:
        """The case of a report, as the acceptor sees it."""
        with psycopg.connect(self.database) as link:
            row = link.execute(
                "SELECT case_id FROM governance_report WHERE number = %s", [report_number]
            ).fetchone()
        assert row is not None
        return self.case(row[0])

    def case(self, case_id: int, username: str = "acceptor") -> dict[str, Any]:
        answer = self.api(username).get(f"/api/cases/{case_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def step(self, username: str, case_id: int, operation: str, **form: Any) -> dict[str, Any]:
        """One operation of the flow over HTTP; asserts that it was accepted."""
        path = f"/api/cases/{case_id}/{operation.replace('_', '-')}"
        answer = self.api(username).post(path, json=form)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def place(self) -> tuple[float, float]:
        """A point inside the city that has a unit grid: an address of the register."""
        with psycopg.connect(self.database) as link:
            row = link.execute(
                "SELECT ST_X(a.geom), ST_Y(a.geom) FROM city_address a"
                " WHERE a.unit_grid_id IS NOT NULL ORDER BY a.id LIMIT 1"
            ).fetchone()
        assert row is not None
        return float(row[0]), float(row[1])


def _fingerprint() -> str:
    """Of everything that decides what a migrated and loaded database holds."""
    digest = sha256()
    root = Path(chengyun.__file__).parent
    for pattern in ("*/migrations/*.py", "simulation/**/*.py", "city/load/*.py", "*/load.py"):
        for path in sorted(root.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def driven(
    platform: Platform, until: str, *, text: str = "路灯不亮, 夜间出行不便"
) -> dict[str, Any]:
    """A case brought to a state (`reported`, `pending_file`, `pending_dispatch`,
    `pending_handle`, `handling`, `pending_feedback`, `pending_check`, `pending_close`,
    `closed`) by the right posts; returns the case as it stands with its receipt under `receipt`."""
    lon, lat = platform.place()
    receipt = platform.report(text, lon=lon, lat=lat)
    case = platform.case_of(receipt["number"])
    case_id = case["id"]
    matter = _filable_matter(platform)

    def standard() -> dict[str, Any]:
        choices = platform.api("shift_leader").get(f"/api/cases/{case_id}/choices").json()
        return {"standard_id": choices["standards"][0]["id"]}

    def department() -> dict[str, Any]:
        choices = platform.api("dispatcher").get(f"/api/cases/{case_id}/choices").json()
        own = platform.api("department").get("/api/me").json()["user"]["organisation"]
        code = own["code"] if isinstance(own, dict) else own
        found = next(row for row in choices["departments"] if row["code"] == code)
        return {"department_id": found["id"]}

    steps: list[tuple[str, str, str, Any]] = [
        ("pending_file", "acceptor", "accept", lambda: {"matter_id": matter}),
        ("pending_dispatch", "shift_leader", "file", standard),
        ("pending_handle", "dispatcher", "dispatch", department),
        ("handling", "department", "sign", dict),
        ("pending_feedback", "department", "finish", lambda: {"opinion": "已修复"}),
        ("pending_check", "dispatcher", "forward", dict),
        ("pending_close", "collector", "pass_check", dict),
        ("closed", "shift_leader", "close", lambda: {"closing_met": True, "opinion": "现场合格"}),
    ]
    if until != "reported":
        for state, who, operation, form in steps:
            platform.step(who, case_id, operation, **form())
            if state == until:
                break
        else:
            raise AssertionError(f"no way leads to {until}")
    return platform.case(case_id, "leader") | {"receipt": receipt}


def _filable_matter(platform: Platform) -> int:
    """A matter that has a standard, so that its case can be filed."""
    with psycopg.connect(platform.database) as link:
        row = link.execute(
            "SELECT s.matter_id FROM governance_standard s JOIN city_matter m ON m.id = s.matter_id"
            " JOIN city_edition e ON e.id = m.edition_id WHERE e.is_default ORDER BY s.id LIMIT 1"
        ).fetchone()
    assert row is not None
    return int(row[0])
