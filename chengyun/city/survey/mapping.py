"""The mapping: how the columns or tags of somebody's file become the fields of a register. TOML.

    crs = "EPSG:4549"
    [fields]                        # {column} is replaced; of several the first that is not empty
    code = "{BM}"
    name = ["{MC}", "路灯"]
    maintainer = "{YHDW}"           # an organisation by its code or its name
    [values.state]
    完好 = "intact"
    [classes]                       # instead of a code: which rows are components, and of which
    "highway=street_lamp" = "01037" # class; other rows are passed over. `*` is any value
    [code]
    make = true                     # rows without a code get district + class + next serial

docs/city/surveys.md lists everything.
"""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from chengyun.city.survey.source import Batch, SourceFile
from chengyun.core.complaints import complaints
from chengyun.core.problems import Invalid
from chengyun.core.words import Both

Texts = npt.NDArray[Any]
Register = Literal["components", "unit_grids", "addresses"]

FIELDS: dict[str, tuple[str, ...]] = {
    "components": (
        "code", "class", "name", "state", "unit_grid", "authority", "owner", "maintainer",
        "first_surveyed", "changed_on", "source", "remark", "street_code", "community_code",
        "accuracy",
    ),
    "addresses": ("full_text", "kind", "area", "unit_grid", "source"),
    "unit_grids": (
        "code", "community", "valid_from", "valid_until", "land_use", "level_code",
        "responsible_org_code", "remark",
    ),
}  # fmt: skip


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Templates = Annotated[list[str], BeforeValidator(_as_list)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CodeRule(_Part):
    """Where codes come from that the file does not give."""

    make: bool = False


class Mapping(_Part):
    """A whole mapping file, checked."""

    crs: str = ""
    layer: str = ""
    encoding: str = ""
    lon: str = ""
    lat: str = ""
    edition: str = Field(default="", description="empty: the city's default edition")
    tolerance: float | None = Field(default=None, ge=0, le=100, description="metres")
    fields: dict[str, Templates] = {}
    values: dict[str, dict[str, str]] = {}
    classes: dict[str, str] = {}
    code: CodeRule = CodeRule()


def read_mapping(path: Path, register: str) -> Mapping:
    """Read and check a mapping file. Raises Invalid with every mistake and its place."""
    return parse_mapping(parse_text(path.read_bytes(), path.name), register, path.name)


def parse_text(text: bytes | str, name: str = "mapping") -> dict[str, Any]:
    """Read TOML; ``name`` is said in messages. Raises Invalid."""
    try:
        return tomllib.loads(text.decode("utf-8-sig") if isinstance(text, bytes) else text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise Invalid(
            zh=f"映射 {name} 不是 UTF-8 的 TOML 文件：{error}",
            en=f"The mapping {name} is not a TOML file in UTF-8: {error}",
            field="mapping",
            remedy_zh="按提示的位置修正。",
            remedy_en="Mend the place it names.",
        ) from error


def parse_mapping(document: dict[str, Any], register: str, name: str = "mapping") -> Mapping:
    """Check a mapping for a register; ``name`` is said in messages. Raises Invalid."""
    try:
        mapping = Mapping.model_validate(document)
    except ValidationError as error:
        raise _refused(name, complaints(error)) from error
    known = FIELDS[register]
    names = ", ".join(known)
    faults = [
        Both(
            f"{section}.{field}：{register} 没有该字段；可用 {names}",
            f"{section}.{field}: {register} have no such field; known are {names}",
        )
        for section in ("fields", "values")
        for field in getattr(mapping, section)
        if field not in known
    ]
    for templates in mapping.fields.values():
        faults += [
            Both(f"{t!r} 的花括号不成对", f"{t!r} has a brace without its partner")
            for t in templates
            if _broken(t)
        ]
    for tag in mapping.classes:
        if "=" not in tag:
            faults.append(
                Both(
                    f"classes：{tag!r} 未写作 列=值",
                    f"classes: {tag!r} is not written as column=value",
                )
            )
    if (mapping.classes or mapping.code.make) and register != "components":
        faults.append(
            Both(
                f"classes 与 code 只用于部件，不用于 {register}",
                f"classes and code are for components, not for {register}",
            )
        )
    if bool(mapping.lon) != bool(mapping.lat):
        faults.append(
            Both("lon 与 lat 须同时写明或都不写", "lon and lat belong together, name both or none")
        )
    if faults:
        raise _refused(name, faults)
    return mapping


def _refused(name: str, faults: Sequence[Both]) -> Invalid:
    listed_zh, listed_en = "；".join(f.zh for f in faults), "; ".join(f.en for f in faults)
    return Invalid(
        zh=f"映射 {name} 有误：{listed_zh}",
        en=f"The mapping {name} is not right: {listed_en}",
        field="mapping",
        remedy_zh="字段与写法见 docs/city/surveys.md。",
        remedy_en="docs/city/surveys.md lists the fields and how they are written.",
    )


_SLOT = re.compile(r"\{([^{}]+)\}")


def _broken(template: str) -> bool:
    rest = _SLOT.sub("", template)
    return "{" in rest or "}" in rest


class Mapper:
    """A mapping laid over one file: which columns it reads, and the fields it makes of them."""

    def __init__(self, mapping: Mapping, register: str, source: SourceFile) -> None:
        self._values = mapping.values
        self._classes = [(*tag.split("=", 1), kind) for tag, kind in mapping.classes.items()]
        templates = dict(mapping.fields)
        for name in FIELDS[register]:
            if name not in templates and name in source.columns:
                templates[name] = [f"{{{name}}}"]
        self._templates = templates
        tags = {column for column, _, _ in self._classes}
        slots = {s for t in templates.values() for each in t for s in _SLOT.findall(each)}
        self.columns = sorted(tags | slots)
        #: The fields that the file says something about; others are left as they are registered.
        self.fields = [n for n in FIELDS[register] if n in templates or (n == "class" and tags)]

    def __call__(self, batch: Batch) -> tuple[dict[str, Texts], npt.NDArray[np.bool_]]:
        """Texts (None where empty) of each field, and which rows the mapping wants at all."""
        columns = {name: as_texts(values) for name, values in batch.columns.items()}
        found = {name: self._field(name, columns, len(batch)) for name in self._templates}
        wanted = np.ones(len(batch), dtype=bool)
        if self._classes:
            kinds = np.full(len(batch), None, dtype=object)
            for column, value, kind in reversed(self._classes):
                texts = columns[column]
                hit = texts != None if value == "*" else texts == value  # noqa: E711
                kinds[np.asarray(hit, dtype=bool)] = kind
            given = found.get("class")
            if given is not None:
                kinds = np.where(_missing(kinds), given, kinds)
            found["class"] = kinds
            wanted = ~_missing(kinds)
            # A row that cannot be read may be wanted: it is told, not passed over.
            wanted[list(batch.faults)] = True
        return found, wanted

    def _field(self, name: str, columns: dict[str, Texts], size: int) -> Texts:
        made = np.full(size, None, dtype=object)
        for template in self._templates[name]:
            empty = _missing(made)
            if not empty.any():
                break
            made[empty] = _filled(template, columns, size)[empty]
        words = self._values.get(name)
        if words:
            known, index = np.unique(made.astype(str), return_inverse=True)
            turned = np.array([words.get(w) for w in known], dtype=object)[index]
            hit = ~_missing(turned) & ~_missing(made)
            made[hit] = turned[hit]
        return made


def _filled(template: str, columns: dict[str, Texts], size: int) -> Texts:
    slots = _SLOT.findall(template)
    if not slots:
        return np.full(size, template.strip() or None, dtype=object)
    if template == f"{{{slots[0]}}}":
        return columns[slots[0]].copy()
    made = np.full(size, None, dtype=object)
    parts = _SLOT.split(template)
    given = [columns[name] for name in parts[1::2]]
    # A text made of columns that are all empty would only be what stands between them.
    for i in np.flatnonzero(~np.logical_and.reduce([_missing(values) for values in given])):
        cells = [values[i] or "" for values in given]
        text = parts[0] + "".join(c + p for c, p in zip(cells, parts[2::2], strict=True))
        made[i] = text.strip() or None
    return made


def _missing(values: Texts) -> npt.NDArray[np.bool_]:
    return np.asarray(values == None, dtype=bool)  # noqa: E711


def as_texts(values: Texts) -> Texts:
    """A column as trimmed texts, None where it is empty."""
    if values.dtype.kind == "M":
        texts = np.datetime_as_string(values, unit="D").astype(object)
        texts[np.isnat(values)] = None
        return texts
    if values.dtype.kind in "iub":
        return values.astype(str).astype(object)
    if values.dtype.kind == "f":
        found = np.empty(len(values), dtype=object)
        found[:] = [
            None if v != v else repr(int(v)) if v.is_integer() else repr(v) for v in values.tolist()
        ]
        return found
    found = np.empty(len(values), dtype=object)
    found[:] = [
        None if v is None else (v.strip() or None) if isinstance(v, str) else str(v) for v in values
    ]
    return found
