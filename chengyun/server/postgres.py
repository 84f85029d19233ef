"""Finding an installed PostgreSQL that can carry the platform."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chengyun.config.language import said

OLDEST = 15
INSTALL = "apt-get install -y postgresql postgresql-postgis"


class ServerError(RuntimeError):
    """Something outside the platform is missing or in the way; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """The programs of one installed PostgreSQL."""

    folder: Path
    major: int

    def __getitem__(self, name: str) -> str:
        return str(self.folder / name)


def _folders() -> Iterator[Path]:
    yield from Path("/usr/lib/postgresql").glob("*/bin")
    for place in os.get_exec_path():
        yield Path(place)
    if config := shutil.which("pg_config"):
        asked = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        if asked.returncode == 0:
            yield Path(asked.stdout.strip())


def _major(folder: Path) -> int | None:
    """The major version of the server programs in ``folder``; None when it is not a server's."""
    # os.access and not is_file: a folder of somebody else's in PATH is just not ours to use.
    if not all(os.access(folder / name, os.X_OK) for name in ("initdb", "pg_ctl", "postgres")):
        return None
    asked = subprocess.run(
        [folder / "postgres", "--version"], capture_output=True, text=True, check=False
    )
    found = re.search(r"\) (\d+)", asked.stdout)
    return int(found[1]) if found else None


def _has_postgis(folder: Path) -> bool:
    """Whether the PostGIS extension lies beside these programs (unknown layouts are believed)."""
    share = Path("/usr/share/postgresql") / folder.parent.name / "extension"
    return not share.is_dir() or (share / "postgis.control").is_file()


def find_binaries(needed: int | None = None) -> Binaries:
    """The newest usable PostgreSQL, or major ``needed``; ServerError says what to install."""
    found: dict[int, Path] = {}
    for folder in _folders():
        major = _major(folder)
        if major is not None:
            found.setdefault(major, folder)
    if needed is not None:
        if needed in found:
            return Binaries(found[needed], needed)
        raise ServerError(
            said(
                f"此数据库由 PostgreSQL {needed} 建立，而该版本未安装："
                f"apt-get install -y postgresql-{needed} postgresql-{needed}-postgis-3",
                f"This database was made by PostgreSQL {needed}, which is not installed: "
                f"apt-get install -y postgresql-{needed} postgresql-{needed}-postgis-3",
            )
        )
    if not found:
        raise ServerError(
            said(
                f"未安装 PostgreSQL：{INSTALL}，或将 DATABASE_URL 设为已有的服务器。",
                f"PostgreSQL is not installed: {INSTALL}, or set DATABASE_URL to a server you "
                "have.",
            )
        )
    newest = max(found)
    if newest < OLDEST:
        raise ServerError(
            said(
                f"PostgreSQL {newest} 过旧，须为 {OLDEST} 或更新："
                "请安装新版本，或将 DATABASE_URL 设为已有的服务器。",
                f"PostgreSQL {newest} is too old, {OLDEST} or newer is needed: install a newer "
                "one, or set DATABASE_URL to a server you have.",
            )
        )
    for major in sorted(found, reverse=True):
        if major >= OLDEST and _has_postgis(found[major]):
            return Binaries(found[major], major)
    raise ServerError(
        said(
            f"PostgreSQL {newest} 缺少 PostGIS：apt-get install -y postgresql-{newest}-postgis-3",
            f"PostgreSQL {newest} lacks PostGIS: apt-get install -y postgresql-{newest}-postgis-3",
        )
    )
