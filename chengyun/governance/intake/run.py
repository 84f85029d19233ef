"""One import: files surveyed, then put in batch by batch. A batch is one transaction that also
moves the run, so a killed import goes on behind its last batch and doubles nothing."""

import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Protocol

from django.db import IntegrityError, connection, transaction

from chengyun.city.models import Area, UnitGrid
from chengyun.city.queries import Locator
from chengyun.core import audit, clock, events
from chengyun.core.actor import Actor
from chengyun.core.problems import Conflict, Invalid
from chengyun.governance.intake.directory import Directory
from chengyun.governance.intake.mapping import Mapping
from chengyun.governance.intake.normalise import Normaliser, Outcome, Point
from chengyun.governance.intake.reading import digest, open_source
from chengyun.governance.intake.records import RECORD_LIMIT, Record, Source
from chengyun.governance.intake.rejected import RejectedFile
from chengyun.governance.intake.store import Store
from chengyun.governance.intake.survey import Survey
from chengyun.governance.models import ImportRun

BATCH = 5_000
#: In ``ImportRun.notices`` the counts of rejected rows stand behind this mark.
REJECTED = "rejected."
_EXAMPLES = 3
_ATTEMPTS = 3


class Watch(Protocol):
    """Told how far the import is. ``total`` is None while the files are surveyed."""

    def __call__(self, path: Path, done: int, total: int | None) -> None: ...


def watch_nothing(path: Path, done: int, total: int | None) -> None:
    """Nobody watches."""


@dataclass
class FileOutcome:
    """What an import did with one file. Counts are those of the whole file, also after a resume;
    ``examples`` (lines and values) only of what this process read."""

    path: Path
    run_id: int
    rows: int
    rows_in: int
    rows_known: int
    rows_rejected: int
    counts: dict[str, int]
    rejected_path: Path
    already: bool = False
    resumed_behind: int = 0
    examples: dict[str, list[str]] = field(default_factory=dict)

    @property
    def notices(self) -> dict[str, int]:
        return {k: n for k, n in self.counts.items() if not k.startswith(REJECTED)}

    @property
    def rejections(self) -> dict[str, int]:
        """Rejected rows by reason code."""
        return {
            k.removeprefix(REJECTED): n for k, n in self.counts.items() if k.startswith(REJECTED)
        }


@dataclass
class _File:
    """One file on its way in."""

    path: Path
    sha256: str
    source: Source
    rejected_path: Path
    rows: int | None = None


def import_reports(
    paths: Sequence[Path],
    mapping: Mapping,
    *,
    actor: Actor,
    batch: int = BATCH,
    rejected: Path | None = None,
    watch: Watch = watch_nothing,
    record_limit: int = RECORD_LIMIT,
) -> list[FileOutcome]:
    """Import files of requests as one set.

    A file that was imported to its end with the same mapping is passed over; one that was broken
    off goes on where it stopped. ``rejected`` is the rejected file of a single FILE or the folder
    of several; by default each stands beside its file. Raises Invalid for a file or a city that
    cannot be used, Conflict while the same file is being imported by somebody else.
    """
    files = [
        _File(
            path=path,
            sha256=sha256(f"{digest(path)} {mapping.fingerprint()}".encode()).hexdigest(),
            source=open_source(path, mapping, record_limit),
            rejected_path=_rejected_path(path, rejected, several=len(paths) > 1),
        )
        for path in paths
    ]
    finished = _finished(mapping.source, files)
    directory = Directory.load(mapping.edition)
    waiting = [file for file in files if file.sha256 not in finished]
    untrusted = _survey(waiting, mapping, directory, watch)
    session = _Session(
        mapping=mapping,
        actor=actor,
        directory=directory,
        untrusted=untrusted,
        locator=Locator.load() if waiting else Locator([], []),
        has_outlines=UnitGrid.objects.exists() or Area.objects.exclude(geom=None).exists(),
        batch=batch,
        watch=watch,
    )
    return [session.import_file(file) for file in files]


def _finished(source: str, files: Sequence[_File]) -> set[str]:
    hashes = [file.sha256 for file in files]
    runs = ImportRun.objects.filter(source=source, sha256__in=hashes, finished_at__isnull=False)
    return set(runs.values_list("sha256", flat=True))


def _rejected_path(path: Path, given: Path | None, *, several: bool) -> Path:
    name = f"{path.name}.rejected.csv"
    if given is None:
        found = path.with_name(name)
    elif several or given.is_dir():
        given.mkdir(parents=True, exist_ok=True)
        found = given / name
    else:
        found = given
    if found.resolve() == path.resolve():
        raise Invalid(
            zh=f"拒收文件不能与输入文件 {path} 相同",
            en=f"The rejected file cannot be the input {path} itself",
            remedy_zh="用 --rejected 指定另一个位置。",
            remedy_en="Name another place with --rejected.",
        )
    return found


def _survey(
    files: Sequence[_File], mapping: Mapping, directory: Directory, watch: Watch
) -> frozenset[Point]:
    survey = Survey()
    above = mapping.rules.default_point_above
    for file in files:
        reader = None
        if mapping.fields.lon and above:
            columns = file.source.columns
            reader = Normaliser(mapping, columns, directory, frozenset(), clock.now())
        with _readable(file.path):
            file.rows = survey.look(file.source, reader, partial(_surveyed, watch, file.path))
    return survey.untrusted(mapping.rules.default_points, above)


def _surveyed(watch: Watch, path: Path, done: int) -> None:
    watch(path, done, None)


@dataclass
class _Session:
    """What the files of one import have in common."""

    mapping: Mapping
    actor: Actor
    directory: Directory
    untrusted: frozenset[Point]
    locator: Locator
    has_outlines: bool
    batch: int
    watch: Watch
    runs: set[int] = field(default_factory=set)

    def import_file(self, file: _File) -> FileOutcome:
        """Import one file to its end, or say that it was imported before."""
        with _alone(file):
            run, _ = ImportRun.objects.get_or_create(
                source=self.mapping.source,
                sha256=file.sha256,
                defaults={
                    "file_name": file.path.name[:255],
                    "mapping": self.mapping.model_dump(mode="json"),
                    "started_at": clock.now(),
                },
            )
            if run.finished_at is not None:
                return _outcome(file, run, already=True)
            self.runs.add(run.pk)
            return _FileImport(self, file, run).go()


class _FileImport:
    """One file, one run."""

    def __init__(self, session: _Session, file: _File, run: ImportRun) -> None:
        self.session, self.file, self.run = session, file, run
        self.rejected = RejectedFile(file.rejected_path, file.source.columns, file.source.delimiter)
        self.normaliser = Normaliser(
            session.mapping, file.source.columns, session.directory, session.untrusted, clock.now()
        )
        self.store = Store(
            run_id=run.pk,
            mapping=session.mapping,
            directory=session.directory,
            locator=session.locator,
            actor=session.actor,
            sibling_runs=frozenset(session.runs),
            has_outlines=session.has_outlines,
        )
        self.examples: dict[str, list[str]] = {}

    def go(self) -> FileOutcome:
        resumed = self.run.rows_done
        with _readable(self.file.path):
            records = self.file.source.records()
            self.rejected.begin(_pass_over(records, resumed))
            try:
                for number, rows in enumerate(_batches(records, self.session.batch)):
                    self._put(rows)
                    if number == 0:
                        _analyse()
                    self.session.watch(self.file.path, self.run.rows_done, self.file.rows)
            finally:
                self.rejected.close()
        self._finish()
        if self.run.rows_in:
            _analyse()
        outcome = _outcome(self.file, self.run)
        outcome.resumed_behind, outcome.examples = resumed, self.examples
        return outcome

    def _put(self, rows: Sequence[Record]) -> None:
        """One batch in one transaction. A number that came in by another door at the same moment
        breaks it; the next attempt finds that number known."""
        for attempt in range(1, _ATTEMPTS + 1):
            outcomes = [self.normaliser.normalise(row) for row in rows]
            size = self.rejected.size()
            before = (self.run.rows_done, self.run.rows_in, self.run.rows_known)
            rest = (self.run.rows_rejected, dict(self.run.notices))
            try:
                with transaction.atomic():
                    self._write(outcomes)
            except BaseException as error:
                self.rejected.cut(size)
                self.run.rows_done, self.run.rows_in, self.run.rows_known = before
                self.run.rows_rejected, self.run.notices = rest
                if not isinstance(error, IntegrityError) or attempt == _ATTEMPTS:
                    raise
            else:
                self._keep_examples(outcomes)
                return

    def _write(self, outcomes: Sequence[Outcome]) -> None:
        run = self.run
        rows_in, known = self.store.put(outcomes, clock.now())
        out = [outcome for outcome in outcomes if outcome.rejection is not None]
        self.rejected.write(out)
        self.rejected.flush()
        counts = Counter(run.notices)
        for outcome in outcomes:
            counts.update(outcome.notices)
            if outcome.rejection is not None:
                counts[REJECTED + outcome.rejection.reason] += 1
        run.rows_done += len(outcomes)
        run.rows_in += rows_in
        run.rows_known += known
        run.rows_rejected += len(out)
        run.notices = {str(name): count for name, count in sorted(counts.items())}
        run.save()
        audit.record(
            actor=self.session.actor,
            action="governance.import.batch",
            object_type="import_run",
            object_id=run.pk,
            zh=f"{self.session.actor.label} 从 {run.file_name} 导入 {rows_in} 件，"
            f"拒收 {len(out)} 行",
            en=f"{self.session.actor.label} imported {rows_in} requests of {run.file_name}, "
            f"{len(out)} rows rejected",
            after={"rows_done": run.rows_done, "rows_in": run.rows_in},
        )

    def _finish(self) -> None:
        run = self.run
        with transaction.atomic():
            run.finished_at = clock.now()
            run.save(update_fields=["finished_at"])
            facts = {
                "source": run.source,
                "file": run.file_name,
                "rows": run.rows_done,
                "in": run.rows_in,
                "known": run.rows_known,
                "rejected": run.rows_rejected,
            }
            audit.record(
                actor=self.session.actor,
                action="governance.import.finish",
                object_type="import_run",
                object_id=run.pk,
                zh=f"{run.file_name} 导入完成：共 {run.rows_done} 行，新增 {run.rows_in}，"
                f"已有 {run.rows_known}，拒收 {run.rows_rejected}",
                en=f"{run.file_name} imported: {run.rows_done} rows, {run.rows_in} new, "
                f"{run.rows_known} known, {run.rows_rejected} rejected",
                after=facts,
            )
            events.emit(
                kind="governance.import.finish",
                subject_type="import_run",
                subject_id=run.pk,
                payload=facts,
            )

    def _keep_examples(self, outcomes: Iterable[Outcome]) -> None:
        for outcome in outcomes:
            names = list(outcome.notices)
            value = ""
            if outcome.rejection is not None:
                names.append(REJECTED + outcome.rejection.reason)
                value = outcome.rejection.value
            for name in names:
                kept = self.examples.setdefault(str(name), [])
                if len(kept) < _EXAMPLES:
                    shown = f" {value[:60]}" if value and name.startswith(REJECTED) else ""
                    kept.append(f"{outcome.record.line}{shown}")


def _analyse() -> None:
    """Fresh statistics: checks of foreign keys keep the plan they were given when the tables were
    empty (reading all of it) until somebody counts; lists and evaluation want them as well."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE governance_case, governance_report, governance_caserecord")


def _outcome(file: _File, run: ImportRun, *, already: bool = False) -> FileOutcome:
    return FileOutcome(
        path=file.path,
        run_id=run.pk,
        rows=run.rows_done,
        rows_in=run.rows_in,
        rows_known=run.rows_known,
        rows_rejected=run.rows_rejected,
        counts=dict(run.notices),
        rejected_path=file.rejected_path,
        already=already,
    )


def _pass_over(records: Iterator[Record], count: int) -> int:
    """Skip rows that were decided before; returns the line of the last one, 0 without any."""
    line = 0
    for record in islice(records, count):
        line = record.line
    return line


def _batches(records: Iterator[Record], size: int) -> Iterator[list[Record]]:
    while rows := list(islice(records, size)):
        yield rows


class _readable:  # noqa: N801  (a context manager, used like a function)
    """Turns a file that breaks off in the middle into a sentence for people."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, (EOFError, zlib.error)):
            raise Invalid(
                zh=f"压缩文件 {self.path.name} 已损坏或不完整：{error}",
                en=f"The gzip file {self.path.name} is broken or cut off: {error}",
                remedy_zh="重新复制或压缩后再导入；已导入的行不会重复。",
                remedy_en="Copy or pack it again and import that; no row goes in twice.",
            ) from error


class _alone:  # noqa: N801  (a context manager, used like a function)
    """Holds a lock of the database session, so that nobody else imports the same file. A kill
    ends the session and with it the lock."""

    def __init__(self, file: _File) -> None:
        self.name, self.key = file.path.name, int(file.sha256[:15], 16)

    def __enter__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [self.key])
            (taken,) = cursor.fetchone()
        if not taken:
            raise Conflict(
                zh=f"{self.name} 正在由另一个进程导入",
                en=f"{self.name} is being imported by another process",
                remedy_zh="等待其完成。",
                remedy_en="Wait until it has finished.",
            )

    def __exit__(self, *_: object) -> None:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [self.key])
