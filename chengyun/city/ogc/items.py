"""Features: from the parameters of an address to one statement, and back to a page.

One statement reads a page: keyset by `id`, the features written as GeoJSON by the database.
"""

import base64
import binascii
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chengyun.city.ogc.collection import Collection, Field
from chengyun.city.ogc.conditions import Conditions
from chengyun.city.ogc.crs import CRS84, Box, Crs, box, by_uri, known
from chengyun.city.ogc.filters import compiled
from chengyun.city.ogc.moments import interval
from chengyun.city.ogc.refusal import bad
from chengyun.city.tiles import Question
from chengyun.core.access import Scope

#: Features on a page.
MOST, USUAL = 10_000, 100
#: A box larger than this share of the city is not read by itself before the page is cut from it.
LARGE = 0.25
#: A box up to this share of it is read first, and everything else asked of what lies in it.
SMALL = 0.001
#: So many neighbouring keys are one block of a collection that knows where its blocks lie; the
#: share of a box that is read by itself all the same; and how many blocks are looked through for a
#: page when a filter may leave nothing of them.
BLOCK, SMALL_OF_BLOCKS, BLOCKS = 1024, 0.0001, 20
#: So many rows behind the last page are looked at before a box of some size is read.
AHEAD = 20_000
#: One more than the page holds tells whether there is another.
_LIMIT = "LIMIT %(limit)s + 1"
#: Parameters of the items of every collection.
PARAMETERS = (
    "f", "lang", "limit", "cursor", "bbox", "bbox-crs", "crs", "datetime", "filter", "filter-lang",
    "filter-crs", "count",
)  # fmt: skip

Given = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Asked:
    """What of a collection is asked for."""

    collection: Collection
    crs: Crs
    conditions: Conditions
    limit: int = USUAL
    after: int = 0
    counted: bool = False
    box: Box | None = None
    near: str = ""  # what the map's index finds of the box
    inside: str = ""  # and what of it lies in the box
    reaching: str = ""  # which blocks of rows reach into it
    ordered: str = ""  # what is asked of the field that has an index in the order of the key
    narrowed: bool = False  # something else is asked of the features


@dataclass(frozen=True)
class Page:
    """Features as the text of a JSON array's inside, and where the next page begins."""

    features: str
    returned: int
    matched: int | None
    next: str | None


def single(given: Given, name: str) -> str | None:
    """The value of a parameter that may be given once. Raises Problem."""
    values = given.get(name)
    if values is None:
        return None
    if len(values) > 1:
        raise bad(
            f"参数 {name} 只能出现一次。", f"{name} may be given only once.", field=name,
            remedy_zh="请删去多余的。", remedy_en="Remove the others.",
        )  # fmt: skip
    if "\0" in values[0]:
        raise bad(f"参数 {name} 含空字符。", f"{name} has a NUL character.", field=name,
                  remedy_zh="请删去。", remedy_en="Remove it.")  # fmt: skip
    return values[0]


def only(given: Given, names: Sequence[str]) -> None:
    """Refuse parameters that are not there, as the standard wants. Raises Problem."""
    for name in given:
        if name not in names:
            shown = name[:60]
            raise bad(
                f"没有参数 {shown}。", f"There is no parameter {shown}.", field=shown,
                remedy_zh=f"可用：{', '.join(names)}。", remedy_en=f"Use: {', '.join(names)}.",
            )  # fmt: skip


def crs_of(given: Given, parameter: str = "crs") -> Crs:
    """The system that a parameter names, WGS 84 longitude first without. Raises Problem."""
    text = single(given, parameter)
    return known(CRS84) if text is None else by_uri(text, parameter)


async def asked(collection: Collection, given: Given, reach: Scope) -> Asked:
    """The parameters of `/items`. Raises Problem."""
    own = [each.name for each in collection.fields if each.name not in PARAMETERS]
    only(given, [*PARAMETERS, *own])
    conditions = Conditions(collection)
    conditions.add(collection.always, {})
    conditions.add(*await collection.condition(reach))
    crs = crs_of(given)
    limit = _limit(single(given, "limit"))
    counted = _flag(single(given, "count"), "count")
    wanted_box, near, inside, reaching = None, "", "", ""
    text = single(given, "bbox")
    box_crs = crs_of(given, "bbox-crs")
    if text is not None:
        wanted_box = box(text, box_crs, collection.srid)
        near, inside, reaching = _in_box(conditions, collection, wanted_box)
    ordered, narrowed = "", any(single(given, name) for name in ("datetime", "filter"))
    text = single(given, "datetime")
    if text is not None:
        _during(conditions, collection, text)
    language = single(given, "filter-lang")
    filter_crs = crs_of(given, "filter-crs")
    text = single(given, "filter")
    if text is not None or language is not None:
        sql = compiled(conditions, text or "", language, filter_crs)
        if text is not None:
            conditions.add(sql, {})
    for each in collection.fields:
        if each.name in own and (text := single(given, each.name)) is not None:
            test = _equal(conditions, each, text)
            if each.name == collection.ordered:
                ordered = test
            else:
                narrowed = True
            conditions.add(test, {})
    return Asked(
        collection=collection,
        crs=crs,
        conditions=conditions,
        limit=limit,
        after=_after(single(given, "cursor"), collection),
        counted=counted,
        box=wanted_box,
        near=near,
        inside=inside,
        reaching=reaching,
        ordered=ordered,
        narrowed=narrowed,
    )


def page_question(asked: Asked, city: Sequence[float] | None) -> Question:
    """The statement of a page. `city` is west, south, east, north of the city in degrees."""
    collection = asked.collection
    share = 1.0 if asked.box is None else _share(asked.box, city)
    small = SMALL_OF_BLOCKS if collection.blocks and asked.reaching else SMALL
    if asked.box is not None and share <= small:
        first, page, matched = _in_small_box(asked)
    else:
        first, page, matched = _anywhere(asked, share)
    sql = f"""
{first}
SELECT concat_ws('|', least(count(*), %(limit)s), count(*) > %(limit)s,
    coalesce(max(key) FILTER (WHERE place <= %(limit)s), 0), {matched},
    coalesce(string_agg(feature, ',') FILTER (WHERE place <= %(limit)s), ''))
FROM (
    SELECT t.id AS key, place, {feature_sql(collection, asked.crs)} AS feature
    FROM (
        SELECT t.*, row_number() OVER (ORDER BY t.id) AS place
        FROM ({page}) AS t
    ) AS t {_joined(collection)}
    ORDER BY place
) AS features
"""  # noqa: S608
    return Question(sql, {**asked.conditions.params, "limit": asked.limit, "after": asked.after})


def _in_small_box(asked: Asked) -> tuple[str, str, str]:
    """The map's index is read first, once, and everything else asked of what it finds: beside it
    the planner would read the index of a class or a state too, from end to end, as it does not
    know that what lies together is stored together."""
    table, where = asked.collection.table, asked.conditions.sql
    near = f"SELECT t.* FROM {table} AS t WHERE {asked.near} OFFSET 0"  # noqa: S608
    found = f"FROM ({near}) AS t WHERE {where} AND {asked.inside}"
    if not asked.counted:
        rows = f"SELECT t.* {found} AND t.id > %(after)s OFFSET 0"
        return "", f"SELECT t.* FROM ({rows}) AS t ORDER BY t.id {_LIMIT}", "''"  # noqa: S608
    hits = f"WITH hits AS MATERIALIZED (SELECT t.id {found})"
    keys = f"SELECT id FROM hits WHERE id > %(after)s ORDER BY id {_LIMIT}"  # noqa: S608
    page = f"SELECT t.* FROM ({keys}) AS k JOIN {table} AS t ON t.id = k.id"  # noqa: S608
    return hits, page, "(SELECT count(*) FROM hits)"


def _anywhere(asked: Asked, share: float) -> tuple[str, str, str]:
    collection, table, where = asked.collection, asked.collection.table, asked.conditions.sql
    if asked.box is not None:
        # The planner counts a geometric test as a thousand comparisons, and bare ones for next to
        # nothing; inside CASE they are taken for half of what the index finds.
        where += f" AND {asked.near} AND CASE WHEN {asked.inside} THEN TRUE ELSE FALSE END"
    matched = "''"
    if asked.counted:
        matched = f"(SELECT count(*) FROM {table} AS t WHERE {where})"  # noqa: S608
    blocks = bool(collection.blocks and asked.reaching)
    if blocks and not asked.narrowed:
        return "", _by_blocks(asked), matched
    rows = f"SELECT t.* FROM {table} AS t WHERE {where} AND t.id > %(after)s"  # noqa: S608
    if share > LARGE:
        every = f"{rows} ORDER BY t.id {_LIMIT}"
    else:
        # Rows are numbered as they lie: the planner would walk along the key, counting on finding
        # the few of a small box evenly spread. The fence makes it ask the map's index.
        every = f"SELECT t.* FROM ({rows} OFFSET 0) AS t ORDER BY t.id {_LIMIT}"  # noqa: S608
    if blocks:
        ahead = _by_blocks(asked, f"LIMIT {BLOCKS}")
    elif share > LARGE or not collection.keyed:
        return "", every, matched
    else:
        # For the same reason what follows a page mostly lies right behind it, and need not be
        # sorted out of all that the box holds.
        next_ = f"SELECT t.* FROM {table} AS t WHERE t.id > %(after)s ORDER BY t.id LIMIT {AHEAD}"  # noqa: S608
        ahead = f"SELECT t.* FROM ({next_}) AS t WHERE {where} ORDER BY t.id {_LIMIT}"  # noqa: S608
    enough = "(SELECT count(*) FROM ahead) > %(limit)s"
    page = (
        f"SELECT * FROM ahead WHERE {enough} "  # noqa: S608
        f"UNION ALL SELECT * FROM ({every}) AS t WHERE NOT {enough}"
    )
    return f"WITH ahead AS MATERIALIZED ({ahead})", page, matched


def _by_blocks(asked: Asked, most: str = "") -> str:
    """The blocks of neighbouring keys that reach into the box are read in the order of the key,
    until the page is full: what lies elsewhere is never touched, and of what lies in the box no
    more than the page needs, however much that is."""
    table, blocks = asked.collection.table, asked.collection.blocks
    tests = f"{asked.conditions.sql} AND {asked.inside}"
    first = asked.ordered or "TRUE" if asked.narrowed else tests
    rows = f"""
        SELECT t.* FROM {table} AS t WHERE t.id > %(after)s
            AND t.id BETWEEN b.block * {BLOCK} AND b.block * {BLOCK} + {BLOCK - 1}
            AND {first} OFFSET 0
    """  # noqa: S608
    if asked.narrowed:
        # An index of something else would be read from end to end for each block.
        rows = f"SELECT t.* FROM ({rows}) AS t WHERE {tests} OFFSET 0"  # noqa: S608
    reaching = f"""
        SELECT DISTINCT block FROM {blocks} WHERE block >= %(after)s::bigint / {BLOCK}
            AND {asked.reaching} ORDER BY block {most}
    """  # noqa: S608
    return (
        f"SELECT t.* FROM ({reaching}) AS b CROSS JOIN LATERAL ({rows}) AS t "  # noqa: S608
        f"ORDER BY b.block, t.id {_LIMIT}"
    )


def page_of(answer: str, asked: Asked) -> Page:
    """What a page's statement answered."""
    returned, more, last, matched, features = answer.split("|", 4)
    return Page(
        features=features,
        returned=int(returned),
        matched=int(matched) if asked.counted else None,
        next=_cursor(asked.collection, int(last)) if more == "t" else None,
    )


def feature_question(
    collection: Collection, crs: Crs, fid: str | int, seen: tuple[str, Mapping[str, Any]]
) -> Question:
    """The statement of one feature: its GeoJSON text, null when there is none."""
    condition, params = seen
    sql = f"""
SELECT {feature_sql(collection, crs)} FROM (
    SELECT t.* FROM {collection.table} AS t
    WHERE {collection.fid} = %(fid)s AND {collection.always} AND {condition}
) AS t {_joined(collection)}
"""  # noqa: S608
    return Question(sql, {**params, "fid": fid})


def fid_of(collection: Collection, text: str) -> str | int | None:
    """The feature id of an address; None when no feature can have it."""
    if collection.fid_kind == "string":
        return text if "\0" not in text and len(text) <= 200 else None
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def feature_sql(collection: Collection, crs: Crs) -> str:
    """The expression of a feature as GeoJSON text, its geometry in `crs`."""
    shape = collection.geom
    same = crs.srid == collection.srid or {crs.srid, collection.srid} == {4326, 4490}
    if not same:
        shape = f"ST_Transform({shape}, {crs.srid})"
    if crs.flipped:
        shape = f"ST_FlipCoordinates({shape})"
    properties = ", ".join(
        f"'{each.name}', {value_sql(collection, each)}" for each in collection.fields
    )
    return (
        f"json_build_object('type', 'Feature', 'id', {collection.fid}, 'geometry', "
        f"ST_AsGeoJSON({shape}, {crs.digits}, 0)::json, 'properties', "
        f"json_build_object({properties}))::text"
    )


def value_sql(collection: Collection, each: Field) -> str:
    """The expression of a property as it is shown."""
    sql = each.sql
    if each.lookup is not None:
        sql = f"{collection.joins[each.lookup]}.{sql.removeprefix('r.')}"
    if each.kind == "date-time":
        return f"to_char({sql} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"
    return sql


def _joined(collection: Collection) -> str:
    return " ".join(
        f"LEFT JOIN {lookup.table} AS {alias} ON {alias}.id = t.{lookup.column}"
        for lookup, alias in collection.joins.items()
    )


def _in_box(conditions: Conditions, collection: Collection, wanted: Box) -> tuple[str, str, str]:
    """What the map's index finds of a box, whether a feature of that touches it, and which blocks
    of rows reach into it, if that can be told: for points four comparisons. What has no geometry
    lies in every box."""
    geom, reaching = collection.geom, ""
    if collection.shape == "point" and wanted.sides is not None:
        west, south, east, north = (conditions.value(side) for side in wanted.sides)
        near = f"{geom} && ST_MakeEnvelope({west}, {south}, {east}, {north}, 4490)"
        inside = (
            f"ST_X({geom}) BETWEEN {west} AND {east} AND ST_Y({geom}) BETWEEN {south} AND {north}"
        )
        reaching = f"west <= {east} AND east >= {west} AND south <= {north} AND north >= {south}"
    else:
        box = f"ST_GeomFromEWKB({conditions.value(wanted.wkb)})"
        near, inside = f"{geom} && {box}", f"ST_Intersects({geom}, {box})"
    if collection.placeless:
        near, inside = (f"({test} OR {geom} IS NULL)" for test in (near, inside))
    return near, inside, reaching


def _share(wanted: Box, city: Sequence[float] | None) -> float:
    """The share of the city's box; nothing where no city is known."""
    if city is None:
        return 0.0
    west, south, east, north = city
    whole = (east - west) * (north - south)
    return wanted.square_degrees / whole if whole > 0 else 0.0


def _limit(text: str | None) -> int:
    if text is None:
        return USUAL
    if not (text.isascii() and text.isdigit() and len(text) <= 20 and int(text) > 0):
        raise bad(
            "limit 须为正整数。", "The limit must be a positive whole number.", field="limit",
            remedy_zh=f"请写 1 至 {MOST} 之间的整数。",
            remedy_en=f"Write a whole number from 1 to {MOST}.",
        )  # fmt: skip
    # The standard wants more than the most to be taken as the most, not to be refused.
    return min(int(text), MOST)


def _flag(text: str | None, name: str) -> bool:
    if text not in (None, "true", "false"):
        raise bad(
            f"{name} 须为 true 或 false。", f"Write true or false for {name}.", field=name,
            remedy_zh="请改正。", remedy_en="Mend it.",
        )  # fmt: skip
    return text == "true"


_CURSOR = struct.Struct(">8sQ")


def _mark(collection: Collection) -> bytes:
    return collection.name.encode()[:8].ljust(8)


def _cursor(collection: Collection, last: int) -> str:
    return base64.urlsafe_b64encode(_CURSOR.pack(_mark(collection), last)).decode().rstrip("=")


def _after(text: str | None, collection: Collection) -> int:
    if text is None:
        return 0
    try:
        padded = text + "=" * (-len(text) % 4)
        mark, last = _CURSOR.unpack(base64.b64decode(padded, altchars=b"-_", validate=True))
        if mark != _mark(collection) or last >= 1 << 63:
            raise ValueError
    except (binascii.Error, ValueError, struct.error):
        raise bad(
            "分页游标无效。", "The cursor is not valid.", field="cursor",
            remedy_zh="请使用上一页 next 链接，或去掉此参数从头开始。",
            remedy_en="Follow the next link of a page, or leave it out to start.",
        ) from None  # fmt: skip
    return int(last)


def _during(conditions: Conditions, collection: Collection, text: str) -> None:
    """A feature holds from `since` to `until`; one without either holds always."""
    wanted = interval(text)
    since = collection.field(collection.since) if collection.since else None
    until = collection.field(collection.until) if collection.until else None
    if since is not None and wanted.last is not None:
        bound = conditions.value(wanted.last_as(since.kind))
        conditions.add(f"({since.sql} IS NULL OR {since.sql} <= {bound})", {})
    if until is not None and wanted.first is not None:
        bound = conditions.value(wanted.first_as(until.kind))
        after = ">" if collection.until_open else ">="
        conditions.add(f"({until.sql} IS NULL OR {until.sql} {after} {bound})", {})


def _equal(conditions: Conditions, each: Field, text: str) -> str:
    return conditions.compared(each, "=", [conditions.literal(each, text)])


__all__ = ["Asked", "Page", "asked", "feature_question", "page_of", "page_question"]
