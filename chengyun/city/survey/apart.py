"""Files that strangers sent are read in a process of their own, within limits.

    source = look_apart(path, limits, crs="EPSG:4549")
    for batch in rows_apart(source, ["code"], size=50_000, behind=0): ...

`reading.open_source(..., apart=limits)` and `reading.batches` lead here. A reader that crashes,
or takes more than it may, is a file that cannot be read.
"""

import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from chengyun.city.survey import frames
from chengyun.city.survey.source import Apart, Batch, Kind, Limits, SourceFile, SurveyRefused
from chengyun.core.problems import Unavailable

_log = logging.getLogger(__name__)
#: For looking at a file while somebody waits.
LOOK: Final = Limits(cpu=30, wait=60)
#: For reading it in a job.
READ: Final = Limits(cpu=1_200, wait=3_600)
# Readers of one process at a time: each may take its memory.
_AT_ONCE = threading.BoundedSemaphore(2)
_ROOT = Path(__file__).resolve().parents[3]
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from chengyun.city.survey.reader import main; main()"
)


def look_apart(
    path: Path,
    limits: Limits,
    *,
    layer: str | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    lon: str | None = None,
    lat: str | None = None,
) -> SourceFile:
    """Look at a file. Raises SurveyRefused, Unavailable when too many are read."""
    asked = {"layer": layer, "crs": crs, "encoding": encoding, "lon": lon, "lat": lat}
    with _answers(path, _ask(path, limits, asked), limits) as answers:
        looked = next(answers)
    if not isinstance(looked, frames.Looked):
        raise _gone(path, "it answered out of turn")
    if looked.count is not None and looked.count > limits.rows:
        raise _too_many(path, limits)
    return SourceFile(
        path, looked.driver, looked.layer, looked.crs, looked.encoding,
        {name: Kind(kind) for name, kind in looked.columns.items()}, looked.count,
        looked.geometry, apart=Apart(limits, asked),
    )  # fmt: skip


def rows_apart(source: SourceFile, columns: list[str], size: int, behind: int) -> Iterator[Batch]:
    """The rows behind the first `behind`. Raises SurveyRefused, Unavailable."""
    assert source.apart is not None
    limits = source.apart.limits
    ask = _ask(source.path, limits, source.apart.asked)
    ask = msgspec.structs.replace(ask, columns=columns, size=size, behind=behind)
    with _answers(source.path, ask, limits) as answers:
        for answer in answers:
            if isinstance(answer, frames.Rows):
                if answer.first + answer.size - 1 > limits.rows:
                    raise _too_many(source.path, limits)
                try:
                    batch = frames.unpacked(answer)
                except ValueError as error:
                    raise _gone(source.path, str(error)) from error
                yield batch


def _ask(path: Path, limits: Limits, asked: Mapping[str, str | None]) -> frames.Ask:
    plain = {**asked, "path": str(path.resolve()), "unpacked": limits.unpacked}
    return msgspec.convert(plain, frames.Ask)


@contextmanager
def _answers(path: Path, ask: frames.Ask, limits: Limits) -> Iterator[Iterator[frames.Frame]]:
    """A reader at work; it and what it wrote are gone afterwards."""
    if not _AT_ONCE.acquire(timeout=limits.wait / 2):
        raise Unavailable(
            zh="正在读取的文件过多。", en="Too many files are being read.",
            remedy_zh="请稍后再试。", remedy_en="Try again in a while.",
        )  # fmt: skip
    try:
        with tempfile.TemporaryDirectory(prefix="chengyun-reader-") as folder:
            reader = _Reader(path, ask, limits, Path(folder))
            try:
                yield reader.answers()
            finally:
                reader.end()
    finally:
        _AT_ONCE.release()


class _Reader:
    """One process that reads one file."""

    def __init__(self, path: Path, ask: frames.Ask, limits: Limits, folder: Path) -> None:
        self._path, self._folder = path, folder
        numbers = (limits.cpu, limits.memory, limits.written)
        with (folder / "said").open("wb") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-IB", "-c", _START, str(_ROOT), *map(str, numbers)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, cwd=folder,
                env=_environment(folder), start_new_session=True,
            )  # fmt: skip
        self._late = False
        self._watch = threading.Timer(limits.wait, self._stop)
        self._watch.daemon = True
        self._watch.start()
        # Where it ended before it was asked, `answers` says why.
        with suppress(BrokenPipeError):
            self._send(ask)

    def _send(self, ask: frames.Ask) -> None:
        assert self._process.stdin is not None
        with self._process.stdin as asked:
            asked.write(msgspec.msgpack.encode(ask))

    def _stop(self) -> None:
        self._late = True
        self._process.kill()

    def answers(self) -> Iterator[frames.Frame]:
        """What it says until it is done. Raises SurveyRefused for a refusal, and for its end."""
        assert self._process.stdout is not None
        try:
            for frame in frames.frames(self._process.stdout):
                if isinstance(frame, frames.Done):
                    return
                if isinstance(frame, frames.Refused):
                    raise SurveyRefused(
                        zh=frame.zh, en=frame.en, remedy_zh=frame.remedy_zh,
                        remedy_en=frame.remedy_en,
                    )  # fmt: skip
                yield frame
        except (ValueError, msgspec.DecodeError) as error:
            raise _gone(self._path, str(error)) from error
        raise self._ended()

    def _ended(self) -> SurveyRefused:
        status = self._process.wait()
        if self._late or status == -signal.SIGXCPU:
            return _too_much(self._path, "时间", "time")
        if status in (os.EX_TEMPFAIL, -signal.SIGABRT, -signal.SIGKILL):
            return _too_much(self._path, "内存", "memory")
        if status == -signal.SIGXFSZ:
            return _too_much(self._path, "磁盘空间", "disk space")
        said = (self._folder / "said").read_text(encoding="utf-8", errors="replace")
        _log.warning("the reader of %s ended with %s: %s", self._path.name, status, said[-500:])
        return _gone(self._path, f"it ended with {status}")

    def end(self) -> None:
        self._watch.cancel()
        self._process.kill()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process.wait()


def _environment(folder: Path) -> dict[str, str]:
    """All that a reader knows of the machine. What it unpacks goes into the folder."""
    return {
        "PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(folder), "TMPDIR": str(folder),
        "CPL_TMPDIR": str(folder), "PROJ_NETWORK": "OFF", "ARROW_DEFAULT_MEMORY_POOL": "system",
        "MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
        "GDAL_NUM_THREADS": "1", "GDAL_PAM_ENABLED": "NO", "GDAL_CACHEMAX": "64",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none", "GDAL_DISABLE_READDIR_ON_OPEN": "NO",
    }  # fmt: skip


def _too_much(path: Path, zh: str, en: str) -> SurveyRefused:
    return SurveyRefused(
        zh=f"读取 {path.name} 所需的{zh}超过限度，已停止。",
        en=f"Reading {path.name} was stopped: it takes more {en} than a file may.",
        remedy_zh="请拆成几个较小的文件，或由管理人员用 chengyun import 导入。",
        remedy_en="Split it into smaller files, or let an operator bring it in with chengyun "
        "import.",
    )


def _too_many(path: Path, limits: Limits) -> SurveyRefused:
    return SurveyRefused(
        zh=f"{path.name} 多于 {limits.rows:,} 行。",
        en=f"{path.name} has more than {limits.rows:,} rows.",
        remedy_zh="请由管理人员用 chengyun import 导入。",
        remedy_en="Let an operator bring it in with chengyun import.",
    )


def _gone(path: Path, why: str) -> SurveyRefused:
    return SurveyRefused(
        zh=f"{path.name} 无法读取：读取程序意外结束，文件可能已损坏。",
        en=f"{path.name} cannot be read: the reader broke off on it ({why}); it is broken, it "
        "seems.",
        remedy_zh="请重新导出后再试。",
        remedy_en="Export it again, then try once more.",
    )
