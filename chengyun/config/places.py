"""Where things lie on this machine. Pure path arithmetic: nothing is made or touched here."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
#: PostgreSQL refuses a socket whose full path is longer than this (sun_path less its final NUL).
SOCKET_PATH_LIMIT = 107
SOCKET_NAME = ".s.PGSQL.5432.lock"


def checkout() -> Path | None:
    """The source tree this package runs from, or None when it was installed from a wheel."""
    root = PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() else None


def var_dir() -> Path:
    """The folder of everything that is made while running (``CHENGYUN_VAR``, else ``var/``)."""
    if named := os.environ.get("CHENGYUN_VAR"):
        return Path(named).expanduser().resolve()
    if root := checkout():
        return root / "var"
    share = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(share) / "chengyun"


@dataclass(frozen=True, slots=True)
class ClusterPlaces:
    """Where one private PostgreSQL cluster keeps its data, socket and log."""

    data: Path
    socket: Path
    log: Path

    @property
    def url(self) -> str:
        """The connection URL of the platform's own database in this cluster."""
        return f"postgresql://chengyun@/chengyun?host={self.socket}"

    @property
    def superuser_url(self) -> str:
        """Who may make further databases in this cluster, as the platform's role may not."""
        return f"postgresql://postgres@/postgres?host={self.socket}"


def _open_to_all(path: Path) -> bool:
    """Whether another OS user can walk down to ``path`` (every existing folder has o+x)."""
    for folder in (path, *path.parents):
        try:
            if not folder.stat().st_mode & 0o001:
                return False
        except FileNotFoundError:
            continue
        except PermissionError:
            return False
    return True


def cluster_places(var: Path) -> ClusterPlaces:
    """Where the private cluster of ``var`` lives.

    Root may not run PostgreSQL, so under root it belongs to the ``postgres`` user; when that user
    cannot reach ``var`` (a checkout below /root) the cluster moves to ``/var/lib/chengyun``. A
    socket path that would be too long moves to a short folder in the temporary directory.
    """
    mark = hashlib.sha256(str(var).encode()).hexdigest()[:12]
    home = var / "postgres"
    if os.geteuid() == 0 and not _open_to_all(var):
        home = Path("/var/lib/chengyun") / mark
    socket = home / "run"
    if len(str(socket / SOCKET_NAME).encode()) > SOCKET_PATH_LIMIT:
        socket = Path("/tmp") / f"chengyun-{os.geteuid()}-{mark}"  # noqa: S108 - 0700 and owner-checked
    return ClusterPlaces(data=home / "data", socket=socket, log=home / "postgres.log")
