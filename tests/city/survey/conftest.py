"""The small city of the neighbouring tests, and the command that surveys it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tests.city.conftest import Folder, chengyun, folder, loaded, no_memory

__all__ = ["chengyun", "folder", "loaded", "no_memory"]

Run = Callable[..., Result]


@pytest.fixture
def survey(loaded: Folder, chengyun: Run, tmp_path: Path) -> Run:
    """Run `chengyun import components` on rows written as CSV."""

    def run(rows: list[dict[str, object]], *options: object, name: str = "survey.csv") -> Result:
        Folder(tmp_path).rows(name, rows)
        return chengyun("import", "components", tmp_path / name, *options)

    return run
