"""One record of a file → one draft of a report and its case, or the reason why not. No I/O."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import isfinite

from chengyun.governance.intake.directory import Directory, Miss
from chengyun.governance.intake.json_rows import MORE
from chengyun.governance.intake.mapping import Mapping as FileMapping
from chengyun.governance.intake.mapping import Slot, parse_template
from chengyun.governance.intake.reasons import Notice, Reason, Rejection
from chengyun.governance.intake.records import Record
from chengyun.governance.intake.times import time_reader
from chengyun.governance.models import Channel, State

TEXT_LIMIT = 20_000
ADDRESS_LIMIT = 500
NOTE_LIMIT = 20_000
#: What a file may say about where a request stands.
OPEN_STATE = "open"
STATES = frozenset({OPEN_STATE, State.CLOSED.value, State.VOIDED.value, State.NOT_ACCEPTED.value})
#: Columns of a rejected file that are ours: it can be mended and imported with the same mapping.
OURS = "rejected_"
_CHANNELS = frozenset(Channel.values)
_URGENCIES = frozenset(("normal", "urgent"))
INNER_TIMES = (
    "accepted_at",
    "filed_at",
    "dispatched_at",
    "signed_at",
    "handled_at",
)
_CLOSED = State.CLOSED.value
_WATCHED = ("external_id", "due_at", "area", "address", "department", "matter", "channel")

Point = tuple[float, float]


@dataclass(slots=True)
class Draft:
    """A row that may go in. Positions are still in the file's coordinate system (NaN: none)."""

    line: int
    external_id: str
    state: str
    channel: str
    urgency: str
    text: str
    address: str
    lon: float
    lat: float
    default_point: bool
    area_id: int | None
    matter_id: int | None
    department_id: int | None
    reported_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    inner: dict[str, datetime]
    closing_note: str
    media_url: str
    attributes: dict[str, str]


@dataclass(slots=True)
class Outcome:
    """What became of one record: a draft or a rejection, and what was noticed either way."""

    record: Record
    draft: Draft | None = None
    rejection: Rejection | None = None
    notices: list[str] = field(default_factory=list)

    def reject(self, reason: Reason, name: str = "", value: str = "") -> None:
        """Note the first reason; what comes after it is a consequence more often than not."""
        if self.rejection is None:
            self.rejection = Rejection(reason, name, value)


def point_key(lon: float, lat: float) -> Point:
    """A position as survey and rules compare it: to a centimetre."""
    return round(lon, 7), round(lat, 7)


class Normaliser:
    """Applies a mapping to the records of one file.

    ``untrusted`` are the positions at which so many rows stand that nobody can have been there.
    """

    def __init__(
        self,
        mapping: FileMapping,
        columns: Sequence[str],
        directory: Directory,
        untrusted: frozenset[Point],
        now: datetime,
    ) -> None:
        self._mapping, self._directory, self._now = mapping, directory, now
        self._untrusted = untrusted
        self._empty = frozenset(mapping.empty)
        places = {name: i for i, name in enumerate(columns)}
        self._getters = {
            name: [_getter(template, places) for template in templates]
            for name, templates in mapping.templates().items()
        }
        self._values = mapping.values
        self._time = time_reader(mapping.time.formats, mapping.time.zone)
        self._attributes = [(name, places[name]) for name in mapping.attributes]
        self._more = places.get(MORE)
        self._own = [i for i, name in enumerate(columns) if not name.startswith(OURS)]
        self._watched = [name for name in _WATCHED if name in self._getters]
        self._inner = [name for name in INNER_TIMES if name in self._getters]
        self._period = self._read_period()

    def normalise(self, record: Record) -> Outcome:
        """Decide one record. Never raises on its content."""
        outcome = Outcome(record)
        if record.fault is not None:
            outcome.reject(record.fault, "", record.raw)
            return outcome
        cells = record.cells
        for name in self._watched:
            if not self.value(name, cells):
                outcome.notices.append(f"missing_{name}")
        lon, lat = self._position(outcome, cells)
        default_point = point_key(lon, lat) in self._untrusted
        if default_point:
            outcome.notices.append(Notice.DEFAULT_POINT)
        times = self._times(outcome, cells)
        state = self._state(outcome, cells, times)
        matter_id = self._matter(outcome, cells)
        department_id = self._look_up(outcome, cells, "department")
        area_id = self._look_up(outcome, cells, "area")
        channel = self._one_of(outcome, cells, "channel", _CHANNELS, "import")
        urgency = self._one_of(outcome, cells, "urgency", _URGENCIES, "normal")
        text = self._text(outcome, cells)
        external_id = self._external_id(outcome, cells)
        reported_at = times.get("reported_at")
        if outcome.rejection is not None or reported_at is None:
            return outcome
        attributes = self._kept(cells)
        outcome.draft = Draft(
            line=record.line,
            external_id=external_id,
            state=state,
            channel=channel,
            urgency=urgency,
            text=text,
            address=self._address(outcome, cells, attributes),
            lon=lon,
            lat=lat,
            default_point=default_point,
            area_id=area_id,
            matter_id=matter_id,
            department_id=department_id,
            reported_at=reported_at,
            due_at=times.get("due_at"),
            closed_at=times.get("closed_at") if state != OPEN_STATE else None,
            inner={name: times[name] for name in self._inner if name in times},
            closing_note=self.value("closing_note", cells)[:NOTE_LIMIT],
            media_url=self._media_url(outcome, cells, attributes),
            attributes=attributes,
        )
        return outcome

    def position(self, record: Record) -> Point | None:
        """Where the record says it is, for the survey; None without a usable position."""
        if record.fault is not None:
            return None
        lon, lat = self._position(Outcome(record), record.cells)
        return point_key(lon, lat) if isfinite(lon) else None

    def value(self, name: str, cells: Sequence[str]) -> str:
        """The first of the field's templates that gives something, translated by its values."""
        translations = self._values.get(name)
        for get in self._getters.get(name, ()):
            value = get(cells)
            if value and value not in self._empty:
                said = translations.get(value, value) if translations is not None else value
                if said:  # translated to "" it is as good as not said
                    return said
        return ""

    def _position(self, outcome: Outcome, cells: Sequence[str]) -> tuple[float, float]:
        nowhere = (float("nan"), float("nan"))
        if "lon" not in self._getters:
            return nowhere
        lon_text, lat_text = self.value("lon", cells), self.value("lat", cells)
        if not lon_text and not lat_text:
            outcome.notices.append("missing_position")
            return nowhere
        try:
            lon, lat = float(lon_text), float(lat_text)
        except ValueError:
            lon, lat = nowhere
        if lon == 0.0 and lat == 0.0:  # what programs write for "none"
            outcome.notices.append("missing_position")
            return nowhere
        if not (-180.0 <= lon <= 180.0 and -90.0 <= lat <= 90.0):
            outcome.reject(Reason.BAD_POSITION, "lon, lat", f"{lon_text}, {lat_text}")
            return nowhere
        return lon, lat

    def _times(self, outcome: Outcome, cells: Sequence[str]) -> dict[str, datetime]:
        times: dict[str, datetime] = {}
        for name in ("reported_at", "due_at", "closed_at", *self._inner):
            text = self.value(name, cells)
            if not text:
                continue
            try:
                times[name] = self._time(text)
            except ValueError:
                outcome.reject(Reason.BAD_TIME, name, text)
        opened = times.get("reported_at")
        if opened is None:
            outcome.reject(Reason.MISSING_TIME)
            return times
        if self._period and not self._period[0] <= opened < self._period[1]:
            outcome.notices.append(Notice.OUTSIDE_PERIOD)
        if opened > self._now:
            outcome.notices.append(Notice.FUTURE)
        if "due_at" in times and times["due_at"] < opened:
            outcome.notices.append(Notice.DUE_BEFORE_OPENED)
        if "closed_at" in times and times["closed_at"] < opened:
            shown = f"{self.value('closed_at', cells)} < {self.value('reported_at', cells)}"
            outcome.reject(Reason.CLOSED_BEFORE_OPENED, "closed_at", shown)
        return times

    def _state(self, outcome: Outcome, cells: Sequence[str], times: Mapping[str, datetime]) -> str:
        closed = "closed_at" in times
        said = self.value("state", cells)
        if not said:
            return _CLOSED if closed else OPEN_STATE
        if said not in STATES:
            outcome.reject(Reason.UNKNOWN_STATE, "state", said)
        elif said == _CLOSED and not closed:
            outcome.reject(Reason.CLOSED_WITHOUT_TIME)
        elif said == OPEN_STATE and closed:
            outcome.notices.append(Notice.OPEN_WITH_CLOSING_TIME)
        return said

    def _matter(self, outcome: Outcome, cells: Sequence[str]) -> int | None:
        name = self.value("matter", cells)
        if not name:
            return None
        within = self.value("matter_class", cells)
        found = self._directory.matter(name, within)
        if isinstance(found, int):
            return found
        if self._mapping.rules.unknown_matter == "empty":
            outcome.notices.append(Notice.UNKNOWN_MATTER)
            return None
        ambiguous = found is Miss.AMBIGUOUS
        shown = f"{within} / {name}" if within else name
        outcome.reject(
            Reason.AMBIGUOUS_MATTER if ambiguous else Reason.UNKNOWN_MATTER, "matter", shown
        )
        return None

    def _look_up(self, outcome: Outcome, cells: Sequence[str], name: str) -> int | None:
        text = self.value(name, cells)
        if not text:
            return None
        rules = self._mapping.rules
        if name == "department":
            found, rule = self._directory.organisation(text), rules.unknown_department
            notice, reason = Notice.UNKNOWN_DEPARTMENT, Reason.UNKNOWN_DEPARTMENT
        else:
            found, rule = self._directory.area(text), rules.unknown_area
            notice, reason = Notice.UNKNOWN_AREA, Reason.UNKNOWN_AREA
        if isinstance(found, int):
            return found
        if rule == "empty":
            outcome.notices.append(notice)
        else:
            outcome.reject(reason, name, text)
        return None

    def _one_of(
        self, outcome: Outcome, cells: Sequence[str], name: str, known: frozenset[str], default: str
    ) -> str:
        said = self.value(name, cells) or default
        if said not in known:
            reasons = {"channel": Reason.UNKNOWN_CHANNEL, "urgency": Reason.UNKNOWN_URGENCY}
            outcome.reject(reasons[name], name, said)
        return said

    def _text(self, outcome: Outcome, cells: Sequence[str]) -> str:
        text = self.value("text", cells)
        if not text:
            outcome.reject(Reason.MISSING_TEXT)
        elif len(text) > TEXT_LIMIT:
            outcome.reject(Reason.TEXT_TOO_LONG, "text", f"{len(text):,} > {TEXT_LIMIT:,}")
        return text

    def _external_id(self, outcome: Outcome, cells: Sequence[str]) -> str:
        said = self.value("external_id", cells)
        if len(said) > 120:
            outcome.reject(Reason.VALUE_TOO_LONG, "external_id", said)
        if said:
            return said
        row = "\x1f".join(cells[i] for i in self._own)
        return f"row-{hashlib.sha256(row.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}"

    def _address(self, outcome: Outcome, cells: Sequence[str], attributes: dict[str, str]) -> str:
        address = self.value("address", cells)
        if len(address) > ADDRESS_LIMIT:
            outcome.notices.append(Notice.ADDRESS_CUT)
            attributes["address"] = address
        return address[:ADDRESS_LIMIT]

    def _media_url(self, outcome: Outcome, cells: Sequence[str], attributes: dict[str, str]) -> str:
        url = self.value("media_url", cells)
        if not url or (url.startswith(("http://", "https://")) and len(url) <= 500):
            return url
        outcome.notices.append(Notice.BAD_MEDIA_URL)
        attributes["media_url"] = url
        return ""

    def _kept(self, cells: Sequence[str]) -> dict[str, str]:
        kept = {name: cells[place] for name, place in self._attributes if cells[place]}
        if self._more is not None and cells[self._more]:
            kept[MORE] = cells[self._more]
        return kept

    def _read_period(self) -> tuple[datetime, datetime] | None:
        period = self._mapping.rules.expected_period
        if period is None:
            return None
        day = time_reader(["%Y-%m-%d"], self._mapping.time.zone)
        return day(period[0]), day(period[1])


def _getter(template: str, places: Mapping[str, int]) -> Callable[[Sequence[str]], str]:
    """The template as a function of the cells; empty when every column it names is empty."""
    parts = parse_template(template)
    if len(parts) == 1 and isinstance(parts[0], Slot):
        place, start, stop = places[parts[0].column], parts[0].start, parts[0].stop
        if start is None and stop is None:
            return lambda cells: cells[place].strip()
        return lambda cells: cells[place].strip()[start:stop]
    if not any(isinstance(part, Slot) for part in parts):
        constant = template.strip()
        return lambda cells: constant
    slots = [
        (part if isinstance(part, str) else "", part if isinstance(part, Slot) else None)
        for part in parts
    ]

    def fill(cells: Sequence[str]) -> str:
        filled, any_value = [], False
        for literal, slot in slots:
            if slot is None:
                filled.append(literal)
                continue
            value = cells[places[slot.column]].strip()[slot.start : slot.stop]
            any_value = any_value or bool(value)
            filled.append(value)
        return "".join(filled).strip() if any_value else ""

    return fill
