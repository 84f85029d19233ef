"""What a keeper says of a layer, and what must hold of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final, cast, get_args

from chengyun.city.layers.description import (
    AREA_COLUMN,
    FIELD,
    FIELD_BYTES,
    RESERVED,
    DataField,
    Kind,
)
from chengyun.city.layers.existing import Relation, relation_of, usable
from chengyun.city.layers.filling import MOST_FIELDS
from chengyun.city.layers.style import checked_style
from chengyun.city.models import Layer
from chengyun.city.tiles.layer import DEEPEST
from chengyun.core.models import Role
from chengyun.core.problems import Invalid


@dataclass(frozen=True)
class LayerValues:
    """Everything of a layer but its code, as a keeper says it.

    Without `relation` a table is made, with these `fields` (`{name, zh, en, kind}`), or with those
    of the first file where none are given. With it (`schema.name`) the fields are the columns to
    show, all that can be shown where none are given; their kinds are the table's.
    """

    name_zh: str
    name_en: str = ""
    about: str = ""
    folder: str = ""
    position: int | None = None
    organisation: str | None = None
    relation: str = ""
    id_field: str = "id"
    geometry_field: str = "geom"
    shape: str = ""
    fields: Sequence[Mapping[str, Any]] = ()
    time_field: str = ""
    area_field: str = ""
    organisation_field: str = ""
    roads: bool = False
    oneway_field: str = ""
    style: Mapping[str, Any] = field(default_factory=dict)
    opacity: float = 1.0
    minzoom: int = 0
    maxzoom: int = DEEPEST
    visible: bool = False
    access: str = Layer.Access.SIGNED_IN.value
    roles: Sequence[str] = ()


#: What is settled when a layer is made.
FIXED: Final = ("relation", "id_field", "geometry_field", "shape")


def values_of(layer: Layer) -> LayerValues:
    """What is stored, as it would be written."""
    named = {
        each.name: getattr(layer, each.name)
        for each in fields(LayerValues)
        if each.name not in ("organisation", "relation")
    }
    return LayerValues(
        organisation=layer.organisation.code if layer.organisation else None,
        relation="" if layer.own_table else layer.relation,
        **named,
    )


def put_values(layer: Layer, values: LayerValues) -> None:
    """Put the values on the row, checked."""
    layer.name_zh = _text("name_zh", values.name_zh, 100, needed=True)
    layer.name_en = _text("name_en", values.name_en, 100)
    layer.about = _text("about", values.about, 2_000)
    layer.folder = folder_of(values.folder)
    layer.position = values.position or 0
    if not 0 <= values.minzoom <= values.maxzoom <= DEEPEST:
        raise wrong(
            "minzoom", f"须 0 ≤ minzoom ≤ maxzoom ≤ {DEEPEST}",
            f"0 ≤ minzoom ≤ maxzoom ≤ {DEEPEST} must hold",
        )  # fmt: skip
    if not 0 <= values.opacity <= 1:
        raise wrong("opacity", "须在 0 与 1 之间", "it must be 0 to 1")
    layer.minzoom, layer.maxzoom = values.minzoom, values.maxzoom
    layer.opacity, layer.visible = values.opacity, values.visible
    known = {each["name"]: each["kind"] for each in layer.fields}
    if values.time_field and known.get(values.time_field) not in ("date", "date-time"):
        raise wrong("time_field", "须为图层的日期或时间字段", "it must be a field of days or times")
    layer.time_field = values.time_field
    _put_roads(layer, values, known)
    layer.style = checked_style(values.style, list(known))
    _put_access(layer, values)


def _put_roads(layer: Layer, values: LayerValues, known: Mapping[str, str]) -> None:
    if values.roads and layer.shape != Layer.Shape.LINE:
        raise wrong("roads", "只有线图层可作为道路", "only a layer of lines can be the roads")
    if values.oneway_field and values.oneway_field not in known:
        raise wrong("oneway_field", "须为图层的字段", "it must be a field of the layer")
    layer.roads, layer.oneway_field = values.roads, values.oneway_field


def _put_access(layer: Layer, values: LayerValues) -> None:
    choose(values.access, Layer.Access.values, "access")
    for role in values.roles:
        choose(role, Role.values, "roles")
    if values.roles and values.access == Layer.Access.PUBLIC:
        raise wrong(
            "roles", "公开的图层不限岗位", "a public layer is not limited to posts",
            "请改 access，或清空 roles", "change the access, or name no roles",
        )  # fmt: skip
    layer.access, layer.roles = values.access, sorted(set(values.roles))
    if layer.own_table:
        columns = {each["name"]: each["kind"] for each in layer.fields} | {AREA_COLUMN: "string"}
    else:
        relation = relation_of(layer.relation)
        columns = {c.name: c.kind for c in relation.columns.values() if c.kind}
        if layer.access == Layer.Access.PUBLIC and relation.secret:
            raise wrong(
                "access", "视图读取了须登录才能查看的登记表", "the view reads registers that need "
                "a sign-in", "请用 signed_in 或 granted", "use signed_in or granted",
            )  # fmt: skip
    area, organisation = values.area_field, values.organisation_field
    if layer.own_table and layer.access == Layer.Access.GRANTED and not (area or organisation):
        area = AREA_COLUMN
    for name, column in (("area_field", area), ("organisation_field", organisation)):
        if column and columns.get(column) != "string":
            raise wrong(
                name, f"没有文本列 {column[:60]}", f"there is no column of texts {column[:60]}"
            )
    if layer.access == Layer.Access.GRANTED and not (area or organisation):
        raise wrong(
            "area_field", "按权限显示须指明区划或机构字段",
            "to be seen by grants, rows need a field of their area or organisation",
        )  # fmt: skip
    layer.area_field, layer.organisation_field = area, organisation


def drop_what_is_gone(layer: Layer) -> None:
    """What names a field that a new file does not have."""
    names = {each["name"] for each in layer.fields}
    if layer.time_field not in names:
        layer.time_field = ""
    if layer.oneway_field not in names:
        layer.oneway_field = ""
    if layer.organisation_field not in names:
        layer.organisation_field = ""
    if layer.area_field not in {*names, AREA_COLUMN}:
        layer.area_field = ""
    if layer.access == Layer.Access.GRANTED and not layer.organisation_field:
        layer.area_field = layer.area_field or AREA_COLUMN
    style = dict(layer.style)
    if style.get("label") not in names:
        style["label"] = None
    if style.get("by") and style["by"]["field"] not in names:
        style["by"] = None
    layer.style = style


def chosen_fields(
    layer: Layer, relation: Relation | None, wanted: Sequence[Mapping[str, Any]]
) -> list[dict[str, str]]:
    """The fields that are shown, of those that there are; all of them when none is named."""
    if relation is None:
        kinds = {each["name"]: each["kind"] for each in layer.fields}
    else:
        kinds = dict(usable(relation, layer))
    if not wanted and relation is not None:
        wanted = [{"name": name} for name in list(kinds)[:MOST_FIELDS]]
    chosen = []
    for number, each in enumerate(wanted):
        name = each.get("name")
        if name not in kinds:
            names = ", ".join(kinds) or "—"
            raise wrong(
                f"fields.{number}.name", f"没有可显示的列 {str(name)[:60]}",
                f"there is no column {str(name)[:60]} that can be shown",
                f"可用：{names}", f"use {names}",
            )  # fmt: skip
        chosen.append(_field(f"fields.{number}", {**each, "kind": kinds[name]}))
    _once([each.name for each in chosen])
    return [each.plain() for each in chosen]


def new_fields(wanted: Sequence[Mapping[str, Any]]) -> list[DataField]:
    """The fields of a table that is to be made."""
    made = [_field(f"fields.{number}", each) for number, each in enumerate(wanted)]
    _once([each.name for each in made])
    return made


def _field(at: str, given: Mapping[str, Any]) -> DataField:
    name, kind = given.get("name"), given.get("kind")
    if not isinstance(name, str) or not FIELD.fullmatch(name) or len(name.encode()) > FIELD_BYTES:
        raise wrong(
            f"{at}.name", "须为字母（含汉字）、数字、下划线，字母在前，至多 40 个",
            "letters of any script, digits and underscores, a letter first, 40 at most",
        )  # fmt: skip
    if name.lower() in RESERVED:
        raise wrong(f"{at}.name", f"{name} 为保留名", f"{name} is kept for the layer itself")
    choose(kind, get_args(Kind), f"{at}.kind")
    zh = _text(f"{at}.zh", given.get("zh") or name, 100)
    en = _text(f"{at}.en", given.get("en") or zh, 100)
    return DataField(name, zh, en, cast("Kind", kind))


def _once(names: Sequence[str]) -> None:
    if len(names) > MOST_FIELDS:
        raise wrong("fields", f"至多 {MOST_FIELDS} 个", f"{MOST_FIELDS} at most")
    if len(set(names)) < len(names):
        raise wrong("fields", "字段有重复", "a field is named twice")


def described(plain: Sequence[Mapping[str, Any]]) -> tuple[DataField, ...]:
    return tuple(DataField(**each) for each in plain)


def folder_of(text: str) -> str:
    """The path of a folder in the tree, without spaces at its slashes; "" is the top. Raises
    Invalid."""
    parts = [part.strip() for part in text.split("/")] if text.strip() else []
    if len(parts) > 5 or any(not part or len(part) > 40 for part in parts):
        raise wrong(
            "folder", "至多五级，以 / 分隔，每级 1 至 40 个字符",
            "five levels at most with / between, each of 1 to 40 characters",
        )  # fmt: skip
    return _text("folder", "/".join(parts), 200)


def _text(name: str, text: Any, longest: int, *, needed: bool = False) -> str:
    if not isinstance(text, str) or len(text) > longest or not text.replace("\n", "").isprintable():
        raise wrong(
            name, f"须为至多 {longest} 个可显示字符",
            f"a text of {longest} characters at most that can be shown",
        )  # fmt: skip
    if needed and not text.strip():
        raise wrong(name, "不可为空", "it must not be empty")
    return text.strip()


def choose(value: Any, known: Sequence[str], name: str) -> None:
    if value not in known:
        names = ", ".join(known)
        raise wrong(
            name, f"没有 {str(value)[:40]}", f"there is no {str(value)[:40]}",
            f"可用：{names}", f"use one of {names}",
        )  # fmt: skip


def wrong(at: str, zh: str, en: str, remedy_zh: str = "", remedy_en: str = "") -> Invalid:
    return Invalid(
        zh=f"{at}: {zh}。", en=f"{at}: {en}.", field=at,
        remedy_zh=f"{remedy_zh or '请改正'}。", remedy_en=f"{remedy_en or 'Mend it'}.",
    )  # fmt: skip
