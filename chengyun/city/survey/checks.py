"""Rows of a survey held against the city: what is right becomes values of a register's table,
what is not gets a reason. Everything is done for a whole batch at once."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from chengyun.city import codes
from chengyun.city.coordinates import CGCS2000_SRID
from chengyun.city.load import outlines
from chengyun.city.load.table import CellError
from chengyun.city.load.table import day as read_day
from chengyun.city.models import Address, Area, Component, UnitGrid
from chengyun.city.models.components import PARTIES, PositionAccuracy
from chengyun.city.queries import Locator
from chengyun.city.snapshot import catalogue
from chengyun.city.survey.reasons import Reason
from chengyun.city.survey.source import Batch, only
from chengyun.core.models import Organisation

Array = npt.NDArray[Any]
Fields = Mapping[str, Array]
_LONGEST = 4_000
# Kinds of shapes, by the numbers that shapely gives them.
_POINT, _POINTS = 0, 4
_POLYGONS = (3, 6)
_OUTLINES = (1, 5, *_POLYGONS)
#: Vertices of an outline; a park with every bend of its shore has a tenth of it.
MOST_VERTICES = 50_000
_TEXTS = ("name", "source", "remark", "street_code", "community_code")


class Fault(Exception):
    """A value that cannot be taken."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class Checked:
    """Values of a batch by the columns of the staging table; rows with a reason have none."""

    columns: dict[str, Array]
    reasons: Array
    #: What exactly is wrong, by index.
    details: dict[int, str] = field(default_factory=dict)

    @property
    def good(self) -> npt.NDArray[np.bool_]:
        return np.asarray(self.reasons == None, dtype=bool)  # noqa: E711

    def reject(self, rows: Array, reason: Reason, detail: Array | str = "") -> None:
        """Give a reason to rows that have none yet."""
        for i in np.flatnonzero(rows & self.good):
            self.reasons[i] = reason
            said = detail if isinstance(detail, str) else detail[i]
            if said:
                self.details[int(i)] = str(said)[:500]


def each_value(texts: Array, read: Callable[[str], Any], checked: Checked) -> Array:
    """Read every distinct text once; None stays None. A Fault rejects the rows of its text."""
    packed = pa.array(texts, pa.string()).dictionary_encode()
    words = packed.dictionary.to_pylist()
    values = np.empty(len(words) + 1, dtype=object)
    faults = np.full(len(words) + 1, None, dtype=object)
    for at, word in enumerate(words):
        try:
            values[at] = read(word)
        except Fault as fault:
            faults[at] = fault.reason
    index = packed.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
    wrong = faults[index]
    for i in np.flatnonzero((wrong != None) & checked.good):  # noqa: E711
        checked.reasons[i], checked.details[int(i)] = wrong[i], words[index[i]][:500]
    found: Array = values[index]
    return found


def plain_text(text: str) -> str:
    """A text that the database can hold."""
    if "\0" in text or len(text) > _LONGEST:
        raise Fault(Reason.BAD_TEXT)
    return text


def plain_day(text: str) -> date:
    """A date of the calendar, also behind a time of day."""
    try:
        return read_day(text[:10] if text[10:11] in ("T", " ") else text)
    except CellError:
        raise Fault(Reason.BAD_DATE) from None


class Places:
    """Where points may lie: in the city, and in the areas that the reader manages."""

    def __init__(self, locator: Locator, allowed: Collection[int] | None) -> None:
        self._locator = locator
        self._allowed = None if allowed is None else np.array(sorted(allowed), dtype=np.int64)

    def of(self, batch: Batch, checked: Checked, *, outlines: bool = False) -> None:
        """Put lon, lat, unit_grid_id and area_id of every point on `checked`. With `outlines`
        lines and polygons are taken too: a point on each stands for it."""
        kinds = shapely.get_type_id(batch.geometry)
        checked.reject(kinds < 0, Reason.NO_GEOMETRY)
        points = only(kinds == _POINT, batch.geometry)
        if (kinds > _POINT).any():
            alone = (kinds == _POINTS) & (shapely.get_num_geometries(batch.geometry) == 1)
            points[alone] = shapely.get_geometry(batch.geometry[alone], 0)
            drawn = np.isin(kinds, _OUTLINES) & outlines
            checked.reject((kinds > _POINT) & ~alone & ~drawn, Reason.WRONG_GEOMETRY)
            if drawn.any():
                _standing_for(batch.geometry, drawn, points, checked)
        lon, lat = shapely.get_x(points), shapely.get_y(points)
        checked.reject(np.isnan(lon), Reason.NO_GEOMETRY)
        grid, area = self._locator.locate(lon, lat)
        lost = np.flatnonzero((area == 0) & checked.good)
        if len(lost):
            swapped = np.zeros(len(batch), dtype=bool)
            swapped[lost] = self._locator.locate(lat[lost], lon[lost])[1] > 0
            checked.reject(swapped, Reason.SWAPPED_AXES)
            where = np.array([f"{x:.6f} {y:.6f}" for x, y in zip(lon, lat, strict=True)])
            checked.reject(area == 0, Reason.OUTSIDE_CITY, where)
        if self._allowed is not None:
            checked.reject(~np.isin(area, self._allowed), Reason.OUTSIDE_REACH)
        checked.columns.update(lon=lon, lat=lat, unit_grid_id=grid, area_id=area)


def _standing_for(shapes: Array, drawn: Array, points: Array, checked: Checked) -> None:
    """Put a point on each outline that is sound, and the outline on `checked`."""
    checked.reject(drawn & shapely.is_empty(shapes), Reason.NO_GEOMETRY)
    long = shapely.get_num_coordinates(shapes) > MOST_VERTICES
    checked.reject(drawn & long, Reason.TOO_DETAILED)
    broken = drawn & checked.good & ~shapely.is_valid(shapes)
    checked.reject(broken, Reason.BROKEN_GEOMETRY, shapely.is_valid_reason(only(broken, shapes)))
    sound = drawn & checked.good
    points[sound] = shapely.point_on_surface(shapes[sound])
    outline = np.full(len(shapes), None, dtype=object)
    marked = shapely.set_srid(shapes[sound], CGCS2000_SRID)
    outline[sound] = shapely.to_wkb(marked, hex=True, include_srid=True)
    checked.columns["outline"] = outline


class Names:
    """Things of the city by the names that files use for them."""

    def __init__(self) -> None:
        self.organisations: dict[str, int | None] = {}
        rows = list(Organisation.objects.values_list("id", "code", "name_zh", "name_en"))
        for number, _, *names in rows:
            for name in {*names} - {""}:
                # A name that two have says nothing.
                self.organisations[name] = None if name in self.organisations else number
        self.organisations.update({code: number for number, code, *_ in rows})
        self.grids = dict(UnitGrid.objects.values_list("code", "id"))

    def organisation(self, text: str) -> int:
        """An organisation by its code, else by its name."""
        if text not in self.organisations:
            raise Fault(Reason.UNKNOWN_ORGANISATION)
        number = self.organisations[text]
        if number is None:
            raise Fault(Reason.AMBIGUOUS_ORGANISATION)
        return number

    def grid(self, text: str) -> int:
        """A unit grid by its code."""
        if text not in self.grids:
            raise Fault(Reason.UNKNOWN_GRID)
        return self.grids[text]


def _start(batch: Batch) -> Checked:
    reasons = np.full(len(batch), None, dtype=object)
    for i, reason in batch.faults.items():
        reasons[i] = reason
    line = np.arange(batch.first, batch.first + len(batch))
    return Checked({"line": line}, reasons)


def _named_grid(fields: Fields, names: Names, checked: Checked) -> None:
    """The grid that the file names goes before the one that was found."""
    named = np.zeros(len(checked.reasons), dtype=bool)
    if "unit_grid" in fields:
        given = each_value(fields["unit_grid"], names.grid, checked)
        named = given != None  # noqa: E711
        found = checked.columns["unit_grid_id"]
        found[named] = given[named].astype(np.int64)
    checked.columns["named"] = named


class ComponentChecks:
    """Components: code, class, state, parties, dates and place."""

    def __init__(self, places: Places, edition: str, *, make_codes: bool) -> None:
        known = catalogue()
        self._edition = known.editions[edition] if edition else known.default_edition
        classes = {
            code: info.id
            for (of, code), info in known.component_class_of.items()
            if of == self._edition.code
        }
        names: dict[str, int | None] = {}
        for (of, _), info in known.component_class_of.items():
            if of == self._edition.code:
                names[info.name_zh] = None if info.name_zh in names else info.id
        self._classes = classes
        self._class_names = {name: number for name, number in names.items() if number} | classes
        self._districts = {a.code for a in known.areas.values() if a.level == Area.Level.DISTRICT}
        self._district_of = {
            a.id: next((c for c in a.ancestors if known.area_of[c].level == "district"), None)
            for a in known.areas.values()
        }
        self._places, self._names, self._make_codes = places, Names(), make_codes

    def __call__(self, batch: Batch, fields: Fields) -> Checked:
        """Values of the staging table for a batch."""
        checked = _start(batch)
        self._places.of(batch, checked, outlines=True)
        _named_grid(fields, self._names, checked)
        self._code(fields, checked)
        columns = checked.columns
        for name in PARTIES:
            if name in fields:
                columns[f"{name}_id"] = each_value(fields[name], self._names.organisation, checked)
        for name in ("first_surveyed", "changed_on"):
            if name in fields:
                columns[name] = each_value(fields[name], plain_day, checked)
        for name in _TEXTS:
            if name in fields:
                columns[name] = each_value(fields[name], plain_text, checked)
        if "state" in fields:
            columns["state"] = each_value(fields["state"], _state, checked)
        if "accuracy" in fields:
            columns["accuracy"] = each_value(fields["accuracy"], _accuracy, checked)
        return checked

    def _code(self, fields: Fields, checked: Checked) -> None:
        size = len(checked.reasons)
        nothing = np.full(size, None, dtype=object)
        code = fields.get("code", nothing)
        missing = np.asarray(code == None, dtype=bool)  # noqa: E711
        classes = (
            each_value(fields["class"], self._class, checked) if "class" in fields else nothing
        )
        if not self._make_codes:
            checked.reject(missing, Reason.MISSING_CODE)
        else:
            checked.reject(missing & (classes == None), Reason.UNKNOWN_CLASS)  # noqa: E711
        district = np.array(
            [self._district_of.get(area) for area in checked.columns["area_id"].tolist()],
            dtype=object,
        )
        local = np.array([d is None or not codes.is_national(d, 6) for d in district], dtype=bool)
        checked.reject(missing & local, Reason.UNKNOWN_DISTRICT)
        edition = self._edition
        width = 6 + edition.class_width + edition.subclass_width
        whole = width + edition.serial_width
        written = pa.array(code, pa.string())
        right = pa.compute.match_substring_regex(written, f"^[0-9]{{{whole}}}$")
        right = right.fill_null(True).to_numpy(zero_copy_only=False)
        checked.reject(~right, Reason.BAD_CODE, code)
        prefix = pa.compute.utf8_slice_codeunits(written, 0, 6).to_numpy(zero_copy_only=False)
        own = pa.compute.utf8_slice_codeunits(written, 6, width).to_numpy(zero_copy_only=False)
        sound = right & ~missing

        def of_code(text: str) -> int:
            if text not in self._classes:
                raise Fault(Reason.UNKNOWN_CLASS)
            return self._classes[text]

        def of_city(text: str) -> str:
            if self._districts and text not in self._districts:
                raise Fault(Reason.UNKNOWN_DISTRICT)
            return text

        coded = each_value(only(sound, own), of_code, checked)
        each_value(only(sound, prefix), of_city, checked)
        checked.columns["code"] = code
        checked.columns["district"] = district
        checked.columns["component_class_id"] = np.where(missing, classes, coded)

    def _class(self, text: str) -> int:
        if text not in self._class_names:
            raise Fault(Reason.UNKNOWN_CLASS)
        return self._class_names[text]


def _state(text: str) -> str:
    if text not in Component.State.values or text == Component.State.REMOVED:
        raise Fault(Reason.BAD_STATE)
    return text


def _accuracy(text: str) -> str:
    if text.lower() not in PositionAccuracy.values:
        raise Fault(Reason.BAD_ACCURACY)
    return text.lower()


class AddressChecks:
    """Addresses: text, kind and place."""

    def __init__(self, places: Places) -> None:
        self._places, self._names = places, Names()
        self._areas = dict(Area.objects.values_list("code", "id"))

    def __call__(self, batch: Batch, fields: Fields) -> Checked:
        """Values of the staging table for a batch."""
        checked = _start(batch)
        self._places.of(batch, checked)
        named_area = np.full(len(batch), None, dtype=object)
        if "area" in fields:
            named_area = each_value(fields["area"], self._area, checked)
        _named_grid(fields, self._names, checked)
        columns, nothing = checked.columns, np.full(len(batch), None, dtype=object)
        given = named_area != None  # noqa: E711
        columns["area_id"][given] = named_area[given].astype(np.int64)
        columns["named"] = columns["named"] | given
        for name, read in (("full_text", plain_text), ("kind", _address_kind)):
            columns[name] = each_value(fields.get(name, nothing), read, checked)
            checked.reject(columns[name] == None, Reason.MISSING_TEXT, name)  # noqa: E711
        if "source" in fields:
            columns["source"] = each_value(fields["source"], plain_text, checked)
        return checked

    def _area(self, text: str) -> int:
        if text not in self._areas:
            raise Fault(Reason.UNKNOWN_AREA)
        return self._areas[text]


def _address_kind(text: str) -> str:
    if text not in Address.Kind.values:
        raise Fault(Reason.BAD_KIND)
    return text


class GridChecks:
    """Unit grids: code, community, dates and outline."""

    def __init__(self, allowed: Collection[int] | None) -> None:
        self._communities = dict(Area.objects.values_list("code", "id"))
        self._allowed = allowed

    def __call__(self, batch: Batch, fields: Fields) -> Checked:
        """Values of the staging table for a batch."""
        checked = _start(batch)
        nothing = np.full(len(batch), None, dtype=object)
        code = fields.get("code", nothing)
        checked.reject(code == None, Reason.MISSING_CODE)  # noqa: E711
        given = fields.get("community", nothing)
        # The code of a grid begins with that of its community, so it need not be named.
        community = np.array(
            [
                g or (c[:12] if c and len(c) == 15 else None)
                for g, c in zip(given, code, strict=True)
            ],
            dtype=object,
        )
        columns = checked.columns
        columns["code"] = code
        columns["community_id"] = each_value(community, self._community, checked)
        checked.reject(columns["community_id"] == None, Reason.UNKNOWN_AREA)  # noqa: E711
        for name in ("valid_from", "valid_until"):
            columns[name] = each_value(fields.get(name, nothing), plain_day, checked)
        for name in ("land_use", "level_code", "responsible_org_code", "remark"):
            columns[name] = each_value(fields.get(name, nothing), plain_text, checked)
        columns["geom"], columns["area_m2"] = nothing.copy(), np.full(len(batch), np.nan)
        for i in np.flatnonzero(checked.good):
            self._row(int(i), batch.geometry[i], str(community[i]), checked)
        return checked

    def _row(self, i: int, shape: Any, community: str, checked: Checked) -> None:
        """What is particular to one grid; there are thousands, not millions."""
        columns = checked.columns
        try:
            codes.unit_grid_code(columns["code"][i], community)
        except codes.CodeError as error:
            # A rejected file says everything in both languages.
            checked.reasons[i], checked.details[i] = Reason.BAD_CODE, " ".join(error.what)
            return
        begins, ends = columns["valid_from"][i], columns["valid_until"][i]
        if ends is not None and begins is not None and ends <= begins:
            checked.reasons[i] = Reason.ENDS_BEFORE_BEGIN
        elif self._allowed is not None and columns["community_id"][i] not in self._allowed:
            checked.reasons[i] = Reason.OUTSIDE_REACH
        elif shape is None or shape.is_empty:
            checked.reasons[i] = Reason.NO_GEOMETRY
        elif shapely.get_type_id(shape) not in _POLYGONS:
            checked.reasons[i] = Reason.WRONG_GEOMETRY
        elif not shape.is_valid:
            checked.reasons[i] = Reason.BROKEN_GEOMETRY
            checked.details[i] = shapely.is_valid_reason(shape)
        else:
            polygon = shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape])
            columns["area_m2"][i] = outlines.area_m2(polygon)
            columns["geom"][i] = shapely.to_wkb(
                shapely.set_srid(polygon, 4490), hex=True, include_srid=True
            )

    def _community(self, text: str) -> int:
        if text not in self._communities:
            raise Fault(Reason.UNKNOWN_AREA)
        return self._communities[text]


Checks = ComponentChecks | AddressChecks | GridChecks
