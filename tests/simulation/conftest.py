"""One small synthetic city for all tests of this folder."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from chengyun.simulation.city import write_city


class Folder:
    """Reads the files of a city folder back."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def rows(self, name: str) -> list[dict[str, str]]:
        path = self.path / name
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        return list(csv.DictReader(raw.decode("utf-8").splitlines()))

    def features(self, name: str) -> list[dict[str, Any]]:
        return json.loads((self.path / name).read_text(encoding="utf-8"))["features"]


@pytest.fixture(scope="session")
def small_city(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    folder = tmp_path_factory.mktemp("synthetic-city")
    write_city(folder, seed=1, scale="small")
    return Folder(folder)
