"""The OpenAPI 3.0 document of the service."""

from collections.abc import Sequence
from typing import Any

from chengyun.city.ogc.collection import Collection
from chengyun.city.ogc.crs import URIS
from chengyun.city.ogc.documents import (
    GEOJSON,
    HTML,
    JSON,
    MERGE,
    MVT,
    OPENAPI,
    QUAD,
    SCHEMA,
    Place,
    schema_of,
)
from chengyun.city.ogc.filters import LANGUAGES
from chengyun.city.ogc.items import MOST, PARAMETERS, USUAL
from chengyun.city.tiles.registry import REGISTER as LAYERS

Json = dict[str, Any]
_PROBLEM = "application/problem+json"
#: By any of these the caller is known.
_KNOWN_BY: list[Json] = [{"token": []}, {"password": []}, {"session": []}]
#: How the standard of tiles names operations, so that clients find them.
_VECTOR = ".collection.vector.getTile"


def openapi(place: Place, collections: Sequence[Collection]) -> Json:
    """The whole service; what needs a sign-in says so."""
    paths: Json = {
        "": _document(place, "landing", "首页", "Landing page"),
        "/conformance": _document(place, "conformance", "符合的标准", "Standards"),
        "/api": _document(place, "api", "本文档", "This document", OPENAPI),
        "/collections": _document(place, "collections", "数据集", "Collections"),
        "/tileMatrixSets": _document(place, "matrixSets", "瓦片矩阵", "Tile matrix sets"),
        f"/tileMatrixSets/{QUAD}": _document(place, "matrixSet", QUAD, QUAD),
    }
    for each in collections:
        paths |= _paths(place, each)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Chengyun OGC API",
            "version": "1.0.0",
            "description": place.say(
                "城市地图数据：OGC API Features 第 1 至 4 部分，OGC API Tiles。"
                "错误以 RFC 9457 问题文档返回。",
                "The city's map data: OGC API Features Parts 1 to 4, OGC API Tiles. Errors come "
                "as problem documents (RFC 9457).",
            ),
        },
        "servers": [{"url": place.ogc}],
        "tags": [{"name": each.name, "description": each.en} for each in collections],
        "paths": {path or "/": item for path, item in paths.items()},
        "components": {
            "parameters": _parameters(place),
            "responses": _responses(place),
            "schemas": {
                "problem": {"type": "object", "properties": {
                    "type": {"type": "string"}, "title": {"type": "string"},
                    "status": {"type": "integer"}, "detail": {"type": "string"},
                    "field": {"type": "string"}, "remedy": {"type": "string"},
                }},
                "featureCollection": {
                    "type": "object",
                    "required": ["type", "features"],
                    "properties": {
                        "type": {"type": "string", "enum": ["FeatureCollection"]},
                        "features": {
                            "type": "array",
                            "items": {"$ref": "#/components/schemas/feature"},
                        },
                        "links": {"type": "array", "items": {"type": "object"}},
                        "timeStamp": {"type": "string", "format": "date-time"},
                        "numberReturned": {"type": "integer", "minimum": 0},
                        "numberMatched": {"type": "integer", "minimum": 0},
                    },
                },
                "feature": {
                    "type": "object",
                    "required": ["type", "geometry", "properties"],
                    "properties": {
                        "type": {"type": "string", "enum": ["Feature"]},
                        "id": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
                        "geometry": {"type": "object", "nullable": True},
                        "properties": {"type": "object", "nullable": True},
                        "links": {"type": "array", "items": {"type": "object"}},
                    },
                },
            },
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "password": {"type": "http", "scheme": "basic", "description": place.say(
                    "密码处填访问令牌", "The access token as the password",
                )},
                "session": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
            },
        },
    }  # fmt: skip


def _paths(place: Place, each: Collection) -> Json:
    at = f"/collections/{each.name}"
    parts = {
        at: _document(place, f"{each.name}_about", each.zh, each.en, tag=each),
        f"{at}/queryables": _document(
            place, f"{each.name}_queryables", "可查询属性", "What may be asked for", SCHEMA, each
        ),
        f"{at}/items": {"get": _items(place, each)},
        f"{at}/items/{{featureId}}": {"get": _feature(place, each)},
    }
    if LAYERS.find(each.name):
        parts[f"{at}/tiles"] = _document(
            place, f"{each.name}{_VECTOR}SetsList", "瓦片", "Tilesets", tag=each
        )
        parts[f"{at}/tiles/{QUAD}"] = _document(
            place, f"{each.name}{_VECTOR}Set", "瓦片描述", "A tileset", tag=each
        )
        address = f"/tiles/{each.name}/{{tileMatrix}}/{{tileCol}}/{{tileRow}}.mvt"
        parts[address] = {"servers": [{"url": place.root}], "get": _tile(place, each)}
    if each.writable:
        parts[f"{at}/items"]["post"] = _write(place, each, "create", "新增", "Create", GEOJSON)
        one = parts[f"{at}/items/{{featureId}}"]
        one["put"] = _write(place, each, "replace", "替换", "Replace", GEOJSON)
        one["patch"] = _write(place, each, "update", "修改", "Update", MERGE)
        one["delete"] = _write(place, each, "delete", "移除", "Remove", None)
    return parts


def _document(
    place: Place,
    operation: str,
    zh: str,
    en: str,
    kind: str = JSON,
    tag: Collection | None = None,
) -> Json:
    described: Json = {
        "operationId": operation,
        "summary": place.say(zh, en),
        "parameters": _refs("f", "lang"),
        "responses": {
            "200": {
                "description": place.say(zh, en),
                "content": {kind: {"schema": {"type": "object"}}, HTML: _text()},
            },
            **_refusals("400", "429", *(["401"] if tag and not tag.public else [])),
        },
    }
    if tag is not None:
        described["tags"] = [tag.name]
        described |= _security(tag)
    return {"get": described}


def _items(place: Place, each: Collection) -> Json:
    own = [
        {
            "name": field.name,
            "in": "query",
            "required": False,
            "description": place.say(field.zh, field.en),
            "schema": schema_of(field, place),
            "style": "form",
            "explode": False,
        }
        for field in each.fields
        if field.name not in PARAMETERS
    ]
    return {
        "operationId": f"{each.name}_items",
        "summary": place.say(f"{each.zh}要素", f"Features of {each.en}"),
        "tags": [each.name],
        **_security(each),
        "parameters": [*_refs(*PARAMETERS), *own],
        "responses": {
            "200": {"$ref": "#/components/responses/features"},
            **_refusals("400", "429", *([] if each.public else ["401"])),
        },
    }


def _feature(place: Place, each: Collection) -> Json:
    return {
        "operationId": f"{each.name}_feature",
        "summary": place.say("一个要素", "One feature"),
        "tags": [each.name],
        **_security(each),
        "parameters": _refs("featureId", "f", "lang", "crs"),
        "responses": {
            "200": {"$ref": "#/components/responses/feature"},
            **_refusals("400", "404", "429", *([] if each.public else ["401"])),
        },
    }


def _tile(place: Place, each: Collection) -> Json:
    """The tiles stand beside this service; the path is counted from the root of the server."""
    return {
        "operationId": f"{each.name}{_VECTOR}",
        "summary": place.say("矢量瓦片", "A vector tile"),
        "tags": [each.name],
        **_security(each),
        "parameters": _refs("tileMatrix", "tileCol", "tileRow"),
        "responses": {
            "200": {
                "description": place.say("瓦片", "The tile"),
                "content": {MVT: {"schema": {"type": "string", "format": "binary"}}},
            },
            "204": {"description": place.say("空瓦片", "An empty tile")},
            **_refusals("404", "429", *([] if each.public else ["401"])),
        },
    }


def _write(place: Place, each: Collection, verb: str, zh: str, en: str, kind: str | None) -> Json:
    one = verb != "create"
    written: Json = {
        "operationId": f"{each.name}_{verb}",
        "summary": place.say(f"{zh}{each.zh}", f"{en} one of {each.en}"),
        "tags": [each.name],
        "security": _KNOWN_BY,
        "parameters": _refs(*(["featureId", "If-Match"] if one else []), "Content-Crs"),
        "responses": {
            "201" if not one else "204": {"description": place.say("完成", "Done")},
            **_refusals("400", "401", "403", "409", "422", "429"),
            **(_refusals("404", "412") if one else {}),
        },
    }
    if kind is not None:
        schema = {"$ref": "#/components/schemas/feature"} if kind == GEOJSON else {"type": "object"}
        written["requestBody"] = {"required": True, "content": {kind: {"schema": schema}}}
    return written


def _security(each: Collection) -> Json:
    return {} if each.public else {"security": _KNOWN_BY}


def _refs(*names: str) -> list[Json]:
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def _refusals(*statuses: str) -> Json:
    return {status: {"$ref": "#/components/responses/problem"} for status in statuses}


def _text() -> Json:
    return {"schema": {"type": "string"}}


def _responses(place: Place) -> Json:
    crs = {"Content-Crs": {"schema": {"type": "string"}}}

    def geojson(name: str, zh: str, en: str) -> Json:
        schema = {"$ref": f"#/components/schemas/{name}"}
        return {
            "description": place.say(zh, en),
            "headers": crs,
            "content": {GEOJSON: {"schema": schema}, HTML: _text()},
        }

    return {
        "features": geojson("featureCollection", "要素", "Features"),
        "feature": geojson("feature", "要素", "A feature"),
        "problem": {
            "description": place.say("拒绝的原因与补救办法", "Why it was refused, and the remedy"),
            "content": {_PROBLEM: {"schema": {"$ref": "#/components/schemas/problem"}}},
        },
    }


def _parameters(place: Place) -> Json:
    def query(name: str, zh: str, en: str, schema: Json, **more: Any) -> Json:
        described = {"name": name, "in": "query", "required": False, "schema": schema}
        return {**described, "description": place.say(zh, en), **more}

    text: Json = {"type": "string"}
    numbers = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    systems: Json = {"type": "string", "format": "uri", "enum": list(URIS), "default": URIS[0]}
    flat = {"style": "form", "explode": False}
    return {
        "f": query("f", "格式", "Format", {**text, "enum": ["json", "geojson", "html"]}),
        "lang": query("lang", "语言", "Language", {**text, "enum": ["zh", "en"]}),
        "limit": query(
            "limit", "每页要素数；超过上限按上限", "Features on a page; more is taken as the most",
            {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}, **flat,
        ),
        "cursor": query("cursor", "next 链接中的游标", "Cursor of a next link", text),
        "bbox": query(
            "bbox", "范围，按 bbox-crs 的轴序", "Box in the axis order of bbox-crs",
            {**numbers, "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}]},
            **flat,
        ),
        "bbox-crs": query("bbox-crs", "bbox 的坐标系", "System of the bbox", systems, **flat),
        "crs": query("crs", "返回的坐标系", "System of the answer", systems, **flat),
        "datetime": query(
            "datetime", "时刻或时段", "A moment or an interval of RFC 3339, `..` for open", text,
            **flat,
        ),
        "filter": query("filter", "CQL2 条件", "Condition in CQL2", text),
        "filter-lang": query(
            "filter-lang", "条件语言", "Language of the condition",
            {**text, "enum": list(LANGUAGES), "default": LANGUAGES[0]},
        ),
        "filter-crs": query(
            "filter-crs", "条件中几何的坐标系", "System of geometries in the condition", systems
        ),
        "count": query(
            "count", "是否计数（numberMatched）", "Whether numberMatched is counted",
            {"type": "boolean", "default": False},
        ),
        "featureId": {
            "name": "featureId", "in": "path", "required": True, "schema": text,
            "description": place.say("要素标识", "Id of the feature"),
        },
        **{
            name: {
                "name": name, "in": "path", "required": True, "schema": schema,
                "description": place.say(zh, en),
            }
            for name, zh, en, schema in (
                ("tileMatrix", "级别", "Zoom", text),
                ("tileCol", "列", "Column from the west", {"type": "integer", "minimum": 0}),
                ("tileRow", "行", "Row from the north", {"type": "integer", "minimum": 0}),
            )
        },
        "If-Match": {
            "name": "If-Match", "in": "header", "required": False, "schema": text,
            "description": place.say("所据版本的 ETag", "ETag of the state that was read"),
        },
        "Content-Crs": {
            "name": "Content-Crs", "in": "header", "required": False, "schema": text,
            "description": place.say("所写几何的坐标系", "System of the geometry that is written"),
        },
    }  # fmt: skip
