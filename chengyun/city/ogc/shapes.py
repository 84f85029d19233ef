"""Geometries inside a CQL2 filter."""

import json
from collections.abc import Mapping
from typing import Any

import shapely

from chengyun.city.ogc.conditions import Conditions
from chengyun.city.ogc.crs import Crs, box, moved
from chengyun.city.ogc.refusal import bad

#: The name of the geometry among the queryables.
GEOMETRY = "geometry"
MOST_POINTS = 5_000


def shape_operand(conditions: Conditions, node: Any, crs: Crs) -> str:
    """The SQL of the features' geometry or of one that is given, in `crs`. Raises Problem."""
    if isinstance(node, Mapping) and node.get("property") in (GEOMETRY, "geom"):
        return conditions.collection.geom
    srid = conditions.collection.srid
    if isinstance(node, Mapping) and isinstance(node.get("bbox"), list):
        text = ",".join(map(str, node["bbox"]))
        return f"ST_GeomFromEWKB({conditions.value(box(text, crs, srid).wkb)})"
    if not isinstance(node, Mapping) or "type" not in node:
        raise _fault("须为 geometry 或一个几何", "geometry or a shape is needed")
    try:
        shape = shapely.from_geojson(json.dumps(node))
    except (shapely.errors.GEOSException, TypeError, ValueError):
        raise _fault("几何不完整", "the shape is not complete") from None
    if shapely.get_num_coordinates(shape) > MOST_POINTS:
        raise _fault(f"几何至多 {MOST_POINTS} 个点", f"a shape has {MOST_POINTS} points at most")
    if shape.is_empty or not shape.is_valid:
        reason = "empty" if shape.is_empty else shapely.is_valid_reason(shape)
        raise _fault(f"几何无效（{reason}）", f"the shape is not valid ({reason})")
    try:
        shape = moved(shapely.force_2d(shape), crs, srid)
    except ValueError:
        raise _fault(
            "坐标超出 filter-crs 的范围", "its coordinates lie outside of filter-crs"
        ) from None
    wkb = shapely.to_wkb(shapely.set_srid(shape, srid), include_srid=True)
    return f"ST_GeomFromEWKB({conditions.value(wkb)})"


def _fault(zh: str, en: str) -> Exception:
    return bad(
        f"过滤条件中的几何有误：{zh}。",
        f"A geometry of the filter is not right: {en}.",
        field="filter",
        remedy_zh="写作 WKT，例如 S_INTERSECTS(geometry, POINT(120.33 36.07))，"
        "坐标顺序随 filter-crs。",
        remedy_en="Write WKT such as S_INTERSECTS(geometry, POINT(120.33 36.07)), with the axes "
        "of filter-crs.",
    )
