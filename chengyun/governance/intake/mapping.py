"""The mapping: how the columns of somebody's file become reports and cases. A TOML file.

    source = "boston-311"                  # with the external id it names a row for ever
    edition = "boston-311"                 # the catalogue in which matters are looked up
    [time]
    zone = "America/New_York"
    formats = ["%m/%d/%Y %I:%M:%S %p"]
    [fields]                               # {Column} is replaced, {Column[0:8]} is cut out of it
    external_id = "{CASE_ENQUIRY_ID}"
    text = ["{CASE_TITLE}", "{TYPE}"]      # the first that is not empty
    channel = "hotline"                    # a constant
    [values.state]
    Closed = "closed"

docs/governance/import.md lists everything.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic import field_validator as validator

from chengyun.city.coordinates import System
from chengyun.core.complaints import complaints
from chengyun.core.problems import Invalid
from chengyun.core.words import Both, ValueRefused
from chengyun.governance.intake.times import TimeFormatError, time_reader


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


#: One template or several, of which the first that gives a text is taken.
Templates = Annotated[list[str], BeforeValidator(_as_list)]
Unknown = Literal["reject", "empty"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileForm(_Part):
    """How the file is written; empty values are found out from its beginning."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""

    @validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            "".encode(value or "utf-8")
        except LookupError:
            raise ValueRefused(
                f"{value!r} 不是编码；写 utf-8 或 gb18030",
                f"{value!r} is not an encoding; write utf-8 or gb18030",
            ) from None
        return value

    @validator("delimiter")
    @classmethod
    def _one_character(cls, value: str) -> str:
        if len(value) > 1:
            raise ValueRefused("只写一个字符", "write one character")
        return value


class TimeForm(_Part):
    """How times are written and in which zone."""

    zone: str
    formats: Templates = ["iso"]


class Fields(_Part):
    """What each field of a report and its case is made of."""

    reported_at: Templates
    text: Templates
    external_id: Templates = []
    channel: Templates = ["import"]
    state: Templates = []
    urgency: Templates = []
    matter: Templates = []
    matter_class: Templates = []
    department: Templates = []
    area: Templates = []
    address: Templates = []
    lon: Templates = []
    lat: Templates = []
    media_url: Templates = []
    closing_note: Templates = []
    due_at: Templates = []
    accepted_at: Templates = []
    filed_at: Templates = []
    dispatched_at: Templates = []
    signed_at: Templates = []
    handled_at: Templates = []
    closed_at: Templates = []


class Rules(_Part):
    """What to do where the file alone does not say it."""

    default_points: list[tuple[float, float]] = []
    default_point_above: int = Field(
        default=1000, ge=0, description="rows at one position before it is not trusted; 0 = never"
    )
    area_from: list[Literal["position", "field"]] = ["position", "field"]
    expected_period: tuple[str, str] | None = None
    unknown_matter: Unknown = "reject"
    unknown_department: Unknown = "reject"
    unknown_area: Unknown = "empty"
    public: bool = True


class CityFacts(_Part):
    """What ``chengyun make city-from-requests`` cannot find in the requests."""

    code: str
    name_zh: str
    name_en: str = ""
    centre: tuple[float, float]


class Mapping(_Part):
    """A whole mapping file, checked."""

    source: str = Field(min_length=1, max_length=80)
    edition: str = Field(default="", description="empty: the city's default edition")
    coordinates: str = "wgs84"
    empty: list[str] = ["NULL", "null", "N/A"]
    file: FileForm = FileForm()
    time: TimeForm
    fields: Fields
    attributes: list[str] = Field(default=[], description="columns kept as they are")
    values: dict[str, dict[str, str]] = {}
    rules: Rules = Rules()
    city: CityFacts | None = None

    @validator("coordinates")
    @classmethod
    def _known_system(cls, value: str) -> str:
        return str(System.parse(value))

    @validator("values")
    @classmethod
    def _known_fields(cls, value: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        unknown = sorted(set(value) - set(Fields.model_fields))
        if unknown:
            names = ", ".join(unknown)
            raise ValueRefused(f"没有字段 {names}", f"{names} are not fields")
        return value

    def fingerprint(self) -> str:
        """A digest of everything the mapping says; comments and order do not count."""
        said = self.model_dump(mode="json", exclude={"city"})
        canonical = json.dumps(said, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def templates(self) -> dict[str, list[str]]:
        """The templates of every field that is mapped."""
        return {name: value for name, value in self.fields.model_dump().items() if value}


def read_mapping(path: Path) -> Mapping:
    """Read and check a mapping file. Raises Invalid with every mistake and its place."""
    try:
        document = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid(
            zh=f"映射 {path} 不是 UTF-8 的 TOML 文件：{error}",
            en=f"The mapping {path} is not a TOML file in UTF-8: {error}",
            remedy_zh="按提示的位置修正。",
            remedy_en="Mend the place it names.",
        ) from error
    return parse_mapping(document, str(path))


def parse_mapping(document: dict[str, Any], name: str = "mapping") -> Mapping:
    """Check an already parsed mapping; ``name`` is said in messages."""
    try:
        mapping = Mapping.model_validate(document)
        time_reader(mapping.time.formats, mapping.time.zone)
        for templates in mapping.templates().values():
            for template in templates:
                parse_template(template)
    except ValidationError as error:
        raise _refused(name, complaints(error)) from error
    except (TimeFormatError, TemplateError) as error:
        raise _refused(name, [error.words]) from error
    if bool(mapping.fields.lon) != bool(mapping.fields.lat):
        both = Both(
            "fields：lon 与 lat 须同时写明或都不写",
            "fields: lon and lat belong together, name both or none",
        )
        raise _refused(name, [both])
    return mapping


def _refused(name: str, faults: Sequence[Both]) -> Invalid:
    listed_zh, listed_en = "；".join(f.zh for f in faults), "; ".join(f.en for f in faults)
    return Invalid(
        zh=f"映射 {name} 有误：{listed_zh}",
        en=f"The mapping {name} is not right: {listed_en}",
        remedy_zh="字段与写法见 docs/governance/import.md。",
        remedy_en="docs/governance/import.md lists the fields and how they are written.",
    )


class TemplateError(ValueRefused):
    """A template that cannot be read."""


class Slot(NamedTuple):
    """One ``{Column}`` or ``{Column[0:8]}`` of a template."""

    column: str
    start: int | None = None
    stop: int | None = None


_SLOT = re.compile(r"\{([^{}\[\]]+)(?:\[(-?\d*):(-?\d*)\])?\}")


def parse_template(template: str) -> list[str | Slot]:
    """Split a template into constant texts and slots. Raises TemplateError."""
    parts: list[str | Slot] = []
    end = 0
    for found in _SLOT.finditer(template):
        if found.start() > end:
            parts.append(template[end : found.start()])
        start, stop = found[2], found[3]
        parts.append(Slot(found[1], int(start) if start else None, int(stop) if stop else None))
        end = found.end()
    if end < len(template):
        parts.append(template[end:])
    if any(isinstance(part, str) and ("{" in part or "}" in part) for part in parts):
        raise TemplateError(
            f"{template!r} 的花括号不成对；写作 {{Column}} 或 {{Column[0:8]}}",
            f"{template!r} has a brace without its partner; write {{Column}} or {{Column[0:8]}}",
        )
    return parts


def columns_of(mapping: Mapping) -> list[str]:
    """Every column that the mapping names, in the order it names them."""
    named = [
        part.column
        for templates in mapping.templates().values()
        for template in templates
        for part in parse_template(template)
        if isinstance(part, Slot)
    ]
    return list(dict.fromkeys([*named, *mapping.attributes]))
