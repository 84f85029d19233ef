"""The servers that are measured: the platform, tipg and pygeoapi, each with two processes.

The peers come from PyPI into a virtual environment of their own under `var/`; nothing of theirs
enters the platform's locks. They read the platform's tables as they stand.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict

from bench.map_city import Sample

PACKAGES = ("tipg", "pygeoapi", "uvicorn", "gunicorn", "psycopg2-binary", "sqlalchemy",
            "geoalchemy2")  # fmt: skip
PORTS = {"ours": 8461, "anew": 8460, "tipg": 8462, "pygeoapi": 8463}
PROCESSES = "2"
TABLE = "city_component"


@dataclass
class Server:
    """A running server: its processes, and the address of a tile or of a page of features."""

    name: str
    port: int
    pid: int = 0
    headers: str = ""
    counts: bool = False
    seconds: float = 10.0  # a round lasts no longer
    tile: Callable[[int, int, int], str] | None = None
    items: Callable[[str, Sample, int, bool], str] | None = None


def versions() -> str:
    return ", ".join(_versions) or "no peers"


_versions: list[str] = []


def peers(
    work: Path, url: str, token: str, wanted: Sequence[str]
) -> list[AbstractContextManager[Server]]:
    """The servers, ours first, then ours that remembers no tile; not started yet."""
    servers = [_ours(url, token, "ours"), _ours(url, token, "anew")]
    python = _environment(work) if wanted else ""
    if "tipg" in wanted:
        servers.append(_tipg(python, url))
    if "pygeoapi" in wanted:
        servers.append(_pygeoapi(python, work, url))
    return [_running(work, *each) for each in servers]


_Plan = tuple[Server, list[str], dict[str, str], str]


@contextmanager
def _running(
    work: Path, server: Server, command: list[str], more: dict[str, str], ready: str
) -> Iterator[Server]:
    with (work / f"{server.name}.log").open("wb") as log:
        process = subprocess.Popen(
            command, env={**os.environ, **more}, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _until_ready(server, process, ready, log)
            server.pid = process.pid
            yield server
        finally:
            # Its workers too: one in the middle of a query hears of nothing.
            for number in (signal.SIGTERM, signal.SIGKILL):
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, number)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(10)


def _until_ready(
    server: Server, process: "subprocess.Popen[bytes]", path: str, log: IO[bytes]
) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SystemExit(f"{server.name} ended: see {log.name}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=20):
                return
        except urllib.error.HTTPError as error:
            if error.code < 500:
                return
        except OSError:
            pass
        time.sleep(0.5)
    raise SystemExit(f"{server.name} does not answer: see {log.name}")


def _ours(url: str, token: str, name: str) -> _Plan:
    port = PORTS[name]

    def items(box: str, sample: Sample, limit: int, counted: bool) -> str:
        count = "&count=true" if counted else ""
        place = f"bbox={box}&class={sample.code}&limit={limit}"
        return f"/ogc/collections/components/items?f=json&{place}{count}"

    server = Server(
        name, port, headers=f"Authorization: Bearer {token}\r\n",
        tile=lambda z, x, y: f"/tiles/components/{z}/{x}/{y}.mvt", items=items,
    )  # fmt: skip
    command = [
        sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port",
        str(port), "--workers", PROCESSES, "--no-ws", "--log-level", "warning",
        "chengyun.config.asgi:application",
    ]  # fmt: skip
    limits = {f"CHENGYUN_RATE_{name}": "1000000000" for name in
              ("TILES", "USER", "MACHINE", "ANONYMOUS")}  # fmt: skip
    memory = {"CHENGYUN_TILE_MEMORY_MB": "0"} if name == "anew" else {}
    return server, command, {"DATABASE_URL": url, **limits, **memory}, "/api/health"


def _environment(work: Path) -> str:
    """The peers' own Python, made at the first run."""
    folder = work.resolve() / "peers"
    python = folder / "bin" / "python"
    if not (folder / "whole").exists():
        print("Installing tipg and pygeoapi beside …", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *PACKAGES], check=True)
        (folder / "whole").touch()
    told = subprocess.run([str(python), "-c", _TOLD], check=True, capture_output=True, text=True)
    _versions.append(told.stdout.strip())
    return str(python)


_TOLD = """
from importlib.metadata import version
print(", ".join(f"{name} {version(name)}" for name in ("tipg", "pygeoapi")))
"""


def _tipg(python: str, url: str) -> _Plan:
    port = PORTS["tipg"]
    of = f"/collections/public.{TABLE}"

    def items(box: str, sample: Sample, limit: int, counted: bool) -> str:
        place = f"bbox={box}&component_class_id={sample.kind}&limit={limit}"
        return f"{of}/items?f=geojson&geom-column=geom&{place}"

    server = Server(
        "tipg", port, counts=True, items=items,
        tile=lambda z, x, y: f"{of}/tiles/WebMercatorQuad/{z}/{x}/{y}?geom-column=gm",
    )  # fmt: skip
    command = [python, "-m", "uvicorn", "tipg.main:app", "--host", "127.0.0.1", "--port", str(port),
               "--workers", PROCESSES, "--no-access-log"]  # fmt: skip
    more = {
        "DATABASE_URL": _as_url(url), "TIPG_DB_TABLES": f'["public.{TABLE}"]',
        "TIPG_CATALOG_TTL": "36000",
    }  # fmt: skip
    return server, command, more, "/healthz"


def _as_url(url: str) -> str:
    """The address as a URL with a host, which is all that tipg reads; a socket's folder too."""
    parts = {name: quote(str(value), safe="") for name, value in conninfo_to_dict(url).items()}
    secret = f":{parts['password']}" if parts.get("password") else ""
    port = f":{parts['port']}" if parts.get("port") else ""
    host = parts.get("host") or "localhost"
    return f"postgresql://{parts.get('user', '')}{secret}@{host}{port}/{parts['dbname']}"


def _pygeoapi(python: str, work: Path, url: str) -> _Plan:
    port = PORTS["pygeoapi"]
    config, description = work.resolve() / "pygeoapi.yml", work.resolve() / "pygeoapi-openapi.yml"
    parts = conninfo_to_dict(url)
    config.write_text(_CONFIG.format(
        port=port, table=TABLE, dbname=parts["dbname"], user=parts.get("user", ""),
        password=parts.get("password", ""), host=parts.get("host") or "localhost",
        dbport=parts.get("port") or 5432,
    ))  # fmt: skip
    more = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(description)}
    written = subprocess.run(
        [str(Path(python).parent / "pygeoapi"), "openapi", "generate", str(config),
         "--output-file", str(description)],
        env={**os.environ, **more}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if written.returncode:
        raise SystemExit(f"pygeoapi: {written.stderr[-2000:]}")

    def items(box: str, sample: Sample, limit: int, counted: bool) -> str:
        place = f"bbox={box}&component_class_id={sample.kind}&limit={limit}"
        return f"/collections/{TABLE}/items?f=json&{place}"

    server = Server(
        "pygeoapi", port, counts=True, items=items,
        tile=lambda z, x, y: f"/collections/{TABLE}/tiles/WebMercatorQuad/{z}/{y}/{x}?f=mvt",
    )  # fmt: skip
    # Its usual workers close the connection after each answer; ours and tipg's are kept.
    command = [python, "-m", "gunicorn", "-w", PROCESSES, "-k", "gthread", "--threads", "1",
               "-b", f"127.0.0.1:{port}", "-t", "300", "pygeoapi.flask_app:APP"]  # fmt: skip
    return server, command, more, "/conformance?f=json"


_CONFIG = """
server:
  bind: {{host: 127.0.0.1, port: {port}}}
  url: http://127.0.0.1:{port}
  mimetype: application/json; charset=UTF-8
  encoding: utf-8
  gzip: false
  languages: [en-US]
  pretty_print: false
  limits: {{default_items: 10, max_items: 10000}}
  map: {{url: "http://127.0.0.1/{{z}}/{{x}}/{{y}}.png", attribution: none}}
logging: {{level: ERROR}}
metadata:
  identification: {{title: bench, description: bench, keywords: [bench], keywords_type: theme,
                   terms_of_service: none, url: "http://127.0.0.1"}}
  license: {{name: none, url: "http://127.0.0.1"}}
  provider: {{name: bench, url: "http://127.0.0.1"}}
  contact: {{name: bench, email: bench@example.org, url: "http://127.0.0.1"}}
resources:
  {table}:
    type: collection
    title: Components
    description: Components
    keywords: [components]
    extents: {{spatial: {{bbox: [119, 35, 121.5, 37.5],
              crs: "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}}}}
    providers:
      - type: feature
        name: PostgreSQL
        data: &database {{host: "{host}", port: {dbport}, dbname: "{dbname}", user: "{user}",
                         password: "{password}", search_path: [public]}}
        id_field: id
        table: {table}
        geom_field: geom
        storage_crs: http://www.opengis.net/def/crs/EPSG/0/4490
      - type: tile
        name: MVT-postgresql
        data: *database
        id_field: id
        table: {table}
        geom_field: gm
        options: {{zoom: {{min: 0, max: 20}}}}
        storage_crs: http://www.opengis.net/def/crs/EPSG/0/3857
        format: {{name: pbf, mimetype: application/vnd.mapbox-vector-tile}}
"""
