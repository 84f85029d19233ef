"""What the running platform writes down about itself in ``var/run`` so that others find it."""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

#: Every child carries this variable; leftovers of a killed supervisor are found by it.
MARK = "CHENGYUN_SUPERVISED"


@dataclass(slots=True)
class Record:
    """One running platform: its supervisor, where it answers, and its children's pids."""

    pid: int
    host: str
    port: int
    started_at: str
    version: str
    state: str = "starting"
    children: dict[str, int] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where a browser on this machine finds it."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def folder(var: Path) -> Path:
    """``var/run``, made when absent."""
    place = var / "run"
    place.mkdir(parents=True, exist_ok=True)
    return place


def write(var: Path, record: Record) -> None:
    """Replace the record in one step: a reader never sees half of it."""
    draft = folder(var) / f".platform.{os.getpid()}"
    draft.write_text(json.dumps(asdict(record), indent=1))
    draft.rename(folder(var) / "platform.json")


def read(var: Path) -> Record | None:
    """The last record, of a living platform or a dead one."""
    try:
        return Record(**json.loads((var / "run" / "platform.json").read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def remove(var: Path) -> None:
    """Forget the record after a clean stop."""
    (var / "run" / "platform.json").unlink(missing_ok=True)


@contextlib.contextmanager
def held(var: Path, patience: float = 0.0) -> Iterator[bool]:
    """Hold the platform's lock for as long as it runs; False when another one holds it.

    The kernel lets the lock go when its process dies, however it dies. ``patience`` in seconds
    outlasts the moment in which ``running`` looks.
    """
    with (folder(var) / "platform.lock").open("a") as file:
        until = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    yield False
                    return
                time.sleep(0.05)
            else:
                yield True
                return


def running(var: Path) -> Record | None:
    """The record of the platform that runs now, or None."""
    with held(var) as free:
        return None if free else read(var)


def leftovers(var: Path) -> list[int]:
    """Pids of living children whose supervisor was killed."""
    wanted = f"{MARK}={mark(var)}".encode()
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (place / "environ").read_bytes().split(b"\0"):
                found.append(int(place.name))
    return [pid for pid in found if pid != os.getpid()]


def mark(var: Path) -> str:
    """The value of MARK for this ``var`` folder."""
    return str(var.resolve())
