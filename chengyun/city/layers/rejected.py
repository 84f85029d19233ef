"""The rows of a file that could not go into a layer, with their reasons, as CSV."""

import csv
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from chengyun.city.layers.filling import Rejected

_HEADING = ["row", "reason", "原因", "why", "detail"]


class RejectedFile:
    """A file that is there once a row was rejected; what lay there before is gone.

    with RejectedFile(path) as file: fill_layer(..., reject=file.write)
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._out: IO[str] | None = None
        self._writer: Any = None

    def __enter__(self) -> Self:
        self.path.unlink(missing_ok=True)
        return self

    def write(self, row: Rejected) -> None:
        if self._out is None:
            self._out = self.path.open("w", encoding="utf-8-sig", newline="")
            self._writer = csv.writer(self._out)
            self._writer.writerow(_HEADING)
        self._writer.writerow([row.line, row.reason, row.zh, row.en, row.detail])

    def close(self) -> None:
        if self._out is not None:
            self._out.close()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
