"""The roads of a layer as a network, in memory until a row of it, or who sees it, changes."""

import threading
import time
from collections.abc import Hashable
from typing import Final

import numpy as np
import shapely
from django.db import connection

from chengyun.city.layers.description import Description, all_layers
from chengyun.city.layers.tiles import FOREIGN_SECONDS
from chengyun.city.roads.network import Network
from chengyun.core.access import Scope
from chengyun.core.problems import Conflict, Invalid, NotFound

#: Lines of one network: a city of ten million has some 300,000.
MOST_LINES: Final = 500_000
#: Networks that a process keeps; of a large city one takes some 200 MB.
KEPT: Final = 3

# How the tags of OpenStreetMap and the files made of them say it; anything else is both ways.
_ALONG: Final = frozenset({"yes", "true", "1", "f", "forward"})
_AGAINST: Final = frozenset({"-1", "t", "reverse", "backward"})

_VERSIONS = """
SELECT coalesce(json_object_agg(layer, number), '{}')::text FROM (
    SELECT layer, sum(number) AS number FROM city_tileversion
    WHERE layer = ANY (%s) GROUP BY layer ORDER BY layer
) AS versions
"""
_LINES = """
SELECT ST_AsBinary({geometry}), {oneway} FROM ({rows}) AS t
WHERE {seen} AND t.geom IS NOT NULL LIMIT {most}
"""

_lock = threading.Lock()
_known: dict[Hashable, Network] = {}


def road_layer(reach: Scope, code: str) -> Description:
    """The layer of this code, or without one the first of the tree that is declared to be the
    roads, where the caller may see it. Raises NotFound, Invalid for one that holds no roads."""
    seen = [layer for layer in all_layers() if layer.admits(reach)]
    if code:
        named = next((layer for layer in seen if layer.code == code), None)
        if named is None:
            raise NotFound(
                zh=f"没有图层 {code[:60]}。",
                en=f"There is no layer {code[:60]}.",
                field="roads",
                remedy_zh="可用的图层见 GET /api/layers（roads 为 true）。",
                remedy_en="GET /api/layers lists them: those whose roads is true.",
            )
        if not named.roads:
            raise Invalid(
                zh=f"图层 {code} 不是道路。",
                en=f"The layer {code} is not declared to be roads.",
                field="roads",
                remedy_zh="请其数据管理员将 roads 设为 true。",
                remedy_en="Ask its keeper to set its member roads.",
            )
        return named
    found = next((layer for layer in seen if layer.roads), None)
    if found is None:
        raise NotFound(
            zh="没有道路图层，不能沿路查找。",
            en="There is no layer of roads to go along.",
            field="by",
            remedy_zh="请数据管理员导入道路（线）图层并将 roads 设为 true，或按直线查找。",
            remedy_en="Ask a data manager for a layer of lines with roads set, or ask for straight "
            "distances.",
        )
    return found


def network_of(layer: Description, reach: Scope) -> Network:
    """The network of the lines that the caller sees. One statement where it is known, else two.

    Raises Conflict when there are too many lines."""
    key = (*_version(layer), layer.insight(reach))
    found = _known.get(key)
    if found is None:
        with _lock:  # who asks for the same one waits for it
            found = _known.get(key) or _read(layer, reach)
            _known.pop(key, None)
            _known[key] = found
            while len(_known) > KEPT:
                _known.pop(next(iter(_known)))
    return found


def _version(layer: Description) -> tuple[Hashable, ...]:
    # Whom a row belongs to is read from the trees of areas and organisations.
    followed = [layer.code, *(("areas", "organisations") if layer.granted else ())]
    with connection.cursor() as cursor:
        cursor.execute(_VERSIONS, [followed])
        versions = cursor.fetchone()[0]
    # A table that is not ours changes without our knowing.
    moment = 0 if layer.own_table else int(time.monotonic() // FOREIGN_SECONDS)
    return layer.code, versions, moment


def _read(layer: Description, reach: Scope) -> Network:
    seen, values = layer.condition(reach)
    names = [each.name for each in layer.fields]
    oneway = "''"
    if layer.oneway_field in names:
        oneway = f"coalesce(lower(t.c{names.index(layer.oneway_field)}::text), '')"
    sql = _LINES.format(
        geometry="ST_Transform(t.geom, 4490)" if layer.srid == 3857 else "t.geom",
        oneway=oneway, rows=layer.rows(), seen=seen, most=MOST_LINES + 1,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows = cursor.fetchall()
    if len(rows) > MOST_LINES:
        raise Conflict(
            zh=f"道路图层 {layer.code} 超过 {MOST_LINES:,} 条线。",
            en=f"The roads of {layer.code} have more than {MOST_LINES:,} lines.",
            field="roads",
            remedy_zh="请将其分为几个图层，或去掉小路。",
            remedy_en="Divide the layer, or leave small paths out.",
        )
    shapes = shapely.force_2d(shapely.from_wkb([bytes(row[0]) for row in rows]))
    lines, row = shapely.get_parts(shapes, return_index=True)
    ways = np.array([_way(text) for _, text in rows], dtype=np.int64)
    return Network(lines, ways[row] if len(rows) else ways)


def _way(text: str) -> int:
    return 1 if text in _ALONG else -1 if text in _AGAINST else 0
