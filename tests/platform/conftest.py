"""A machine of its own for tests that start clusters and servers."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chengyun.server.cluster import Cluster

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One private cluster for all tests of a module, crash-safe as in production."""
    made = Cluster(tmp_path_factory.mktemp("cluster") / "var")
    yield made
    made.destroy()


@pytest.fixture
def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def chengyun(tmp_path: Path) -> Iterator[Run]:
    """Runs the command ``chengyun`` as a person would, in an empty ``var`` folder."""
    var = tmp_path / "var"
    surroundings = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    surroundings["CHENGYUN_VAR"] = str(var)

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "chengyun", *arguments],
            env=surroundings | more,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    yield run
    run("down")
    Cluster(var).destroy()
