"""One small synthetic city for all tests of this folder."""

import csv
import gzip
import json
from collections.abc import Iterator
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


@pytest.fixture(scope="module")
def loaded_city(
    small_city: Folder, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Folder]:
    """The small city in the database for one module; rolled back afterwards."""
    from django.db import transaction

    from chengyun.city.load import FolderReader, load_city
    from chengyun.city.queries import forget_catalogue
    from chengyun.core.actor import Actor
    from chengyun.governance.load import load_governance

    actor = Actor.system("test")
    with django_db_blocker.unblock(), transaction.atomic():
        reader = FolderReader(small_city.path)
        load_city(reader, actor=actor)
        load_governance(reader, actor=actor)
        reader.problems.raise_if_any()
        forget_catalogue()
        yield small_city
        transaction.set_rollback(True)
    forget_catalogue()
