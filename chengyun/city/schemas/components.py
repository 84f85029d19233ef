"""What is sent and taken of components. Positions are CGCS2000, longitude first, in degrees,
unless a request names another system."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import AwareDatetime, ConfigDict, StringConstraints

from chengyun.city.coordinates import System
from chengyun.city.models.components import ComponentState, PositionAccuracy
from chengyun.city.schemas.places import AreaOut, PartyOut

Text = Annotated[str, StringConstraints(max_length=2000, strict=True, pattern=r"^[^\x00]*$")]
Code = Annotated[str, StringConstraints(max_length=64, strict=True, pattern=r"^[^\x00]*$")]
Lon = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]


class ComponentOut(Schema):
    """A component and its point."""

    code: str
    name: str
    component_class: str
    class_zh: str
    class_en: str
    edition: str
    state: str
    lon: float
    lat: float
    accuracy: str
    unit_grid: str | None
    authority: PartyOut | None
    owner: PartyOut | None
    maintainer: PartyOut | None
    first_surveyed: date | None
    changed_on: date | None
    source: str
    remark: str


class DutyGridName(Schema):
    """A duty or supervision grid in which a component lies."""

    code: str
    name: str
    kind: Literal["duty", "supervision"]


class SurveyName(Schema):
    """The survey that registered a component; `day` is the day on which it was applied."""

    id: int
    title: str
    day: date | None


class PhotoOut(Schema):
    """A photo; the image lies under `/api/attachments/{attachment}`."""

    attachment: str
    width: int
    height: int
    taken_at: AwareDatetime | None
    added_at: AwareDatetime
    added_by: str


class MayOut(Schema):
    """What the caller may do with it now."""

    change: bool
    remove: bool
    restore: bool
    add_photo: bool


class ComponentDetail(ComponentOut):
    """All of a component: the 18 attributes of the national table, where it lies, its survey and
    photos. `street_*` and `community_*` are as registered; `areas` follow from its place. `version`
    marks what is stored; a change may name the one it was made on. `outline` is the GeoJSON of what
    is more than a point; it comes by surveys, and goes when the point is moved off it."""

    street_code: str
    street_name: str
    community_code: str
    community_name: str
    areas: list[AreaOut]
    duty_grids: list[DutyGridName]
    survey: SurveyName | None
    outline: dict[str, Any] | None
    photos: list[PhotoOut]
    may: MayOut
    version: str


class ChangeOut(Schema):
    """One change: `before` and `after` hold what differs. `origin` is the way it came by: api, ogc,
    survey, case."""

    id: int
    at: AwareDatetime
    verb: str
    actor: str
    origin: str
    survey: int | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class ComponentAttributes(Schema):
    """What may be written of a component besides its code and its place."""

    model_config = ConfigDict(extra="forbid")

    name: Text = ""
    state: ComponentState = ComponentState.INTACT
    unit_grid: Code | None = None
    authority: Code | None = None
    owner: Code | None = None
    maintainer: Code | None = None
    first_surveyed: date | None = None
    changed_on: date | None = None
    source: Text = ""
    remark: Text = ""
    street_code: Code = ""
    community_code: Code = ""
    accuracy: PositionAccuracy = PositionAccuracy.UNKNOWN


class ComponentIn(ComponentAttributes):
    """All of a component but its code. Without a unit grid the one at the place is taken, without
    a name that of its class."""

    lon: Lon
    lat: Lat
    system: System = System.CGCS2000


class ComponentPatch(ComponentAttributes):
    """What is to differ; what is left out stays. `lon` and `lat` come together."""

    lon: Lon | None = None
    lat: Lat | None = None
    system: System = System.CGCS2000
    version: Code | None = Field(default=None, description="of the state the change was made on")


class RestoreIn(Schema):
    """The state in which a removed component comes back."""

    model_config = ConfigDict(extra="forbid")

    state: Literal["intact", "damaged"] = "intact"


class PhotoIn(Schema):
    """An image that was sent to `/api/attachments` with the purpose `component`."""

    model_config = ConfigDict(extra="forbid")

    attachment: UUID


class PolygonIn(Schema):
    """A GeoJSON polygon: valid, at most 1,000 vertices."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["Polygon"]
    coordinates: Annotated[
        list[Annotated[list[tuple[Lon, Lat]], Field(min_length=4, max_length=1_000)]],
        Field(min_length=1, max_length=100),
    ]


class ComponentSearch(Schema):
    """A polygon, an area or a unit grid, and the filters of the list."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    within: PolygonIn | None = None
    class_code: Annotated[Code, Field(alias="class")] = ""
    state: ComponentState | None = None
    area: Code = ""
    maintainer: Code = ""
    unit_grid: Code = ""
    text: Annotated[Code, Field(description="beginning of a code or a name")] = ""


class ComponentTotal(Schema):
    """How long the list of these filters is; `exact` false: estimated."""

    count: int
    exact: bool


class ComponentClassCount(Schema):
    """Components of one class; `damaged` are those damaged or lost."""

    code: str
    name_zh: str
    name_en: str
    count: int
    damaged: int


class ComponentCounts(Schema):
    """Components that a search finds, by class, the most first; removed ones count too."""

    total: int
    rows: list[ComponentClassCount]
