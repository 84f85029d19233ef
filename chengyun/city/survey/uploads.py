"""Files that people sent: kept in the storage until a job has read them, then gone.

    path = spooled(content, name)       # to look at while somebody waits
    stored = keep("surveys", path)      # a row holds this name
    with taken_out(stored) as path: ... # in the job, which may run on another machine

What a killed process leaves behind is found by `sweep`.
"""

import os
import re
import shutil
import tempfile
import time
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from chengyun.city.survey.source import Folder

#: A file is stored before the row that holds its name is there.
_MEANWHILE: Final = timedelta(hours=1)
#: No reading takes as long.
_LONGEST: Final = timedelta(days=1)
# Of readings and what they unpack, and of the web server: Django's name of a large file that comes.
_LEFT: Final = re.compile(r"chengyun-(reader|survey)-\w+|tmp\w{8}\.upload(\..*)?")


@dataclass(frozen=True)
class Spooled:
    """A file that was sent, in a folder that goes when nobody holds it any more."""

    path: Path
    folder: Folder


def spooled(content: "File[bytes]", name: str) -> Spooled:
    """Write what somebody sent to a file; of its name only letters, digits and `._-` stay."""
    plain = "".join(c if c.isalnum() or c in "._-" else "_" for c in Path(name).name)[-60:]
    folder = Folder()
    path = folder.path / (plain if plain.strip("._-") else f"survey{plain}")
    with path.open("wb") as out:
        out.writelines(content.chunks())
    return Spooled(path, folder)


def keep(place: str, path: Path) -> str:
    """Store a file below `place`; returns the name under which it lies there."""
    with path.open("rb") as kept:
        return default_storage.save(f"{place}/{uuid.uuid4().hex}-{path.name}", File(kept))


@contextmanager
def taken_out(stored: str) -> Iterator[Path]:
    """A stored file where it can be read. Raises FileNotFoundError."""
    folder = Folder()
    path = folder.path / Path(stored).name.split("-", 1)[-1]
    with default_storage.open(stored) as kept, path.open("wb") as out:
        out.writelines(kept.chunks())
    try:
        yield path
    finally:
        folder.remove()


def forget(stored: str) -> None:
    """What nobody reads any more does not stay on the disk, once that is certain."""
    if stored:
        transaction.on_commit(lambda: default_storage.delete(stored))


def sweep(place: str, wanted: Collection[str]) -> int:
    """Delete what lies below `place` for some time and no row wants; returns how many files."""
    try:
        _, names = default_storage.listdir(place)
    except FileNotFoundError:
        return 0
    before, gone = timezone.now() - _MEANWHILE, 0
    for stored in {f"{place}/{name}" for name in names} - set(wanted):
        try:
            if default_storage.get_modified_time(stored) < before:
                default_storage.delete(stored)
                gone += 1
        except FileNotFoundError:
            continue  # Somebody was faster.
    return gone


def sweep_folders() -> int:
    """Delete the temporary files and folders of this machine whose process was killed over them;
    returns how many."""
    before, gone = time.time() - _LONGEST.total_seconds(), 0
    for left in Path(tempfile.gettempdir()).iterdir():
        if _LEFT.fullmatch(left.name) and _is_ours(left, before):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)
            gone += 1
    return gone


def _is_ours(left: Path, before: float) -> bool:
    try:
        found: Any = left.lstat()
    except OSError:
        return False
    return bool(found.st_uid == os.getuid() and found.st_mtime < before)
