"""Features are created, replaced, updated and removed (OGC API – Features – Part 4), by Django.

POST   /ogc/collections/components/items            a new feature
PUT    /ogc/collections/components/items/{code}     all of it anew
PATCH  /ogc/collections/components/items/{code}     parts of it, as a merge patch
DELETE /ogc/collections/components/items/{code}     removed from the street
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any
from urllib.parse import quote

import shapely
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from ninja.errors import ValidationError
from pydantic import ValidationError as Refused

from chengyun.city.actions.components import (
    ComponentValues,
    change_component,
    register_component,
    remove_component,
)
from chengyun.city.ogc.app import feature_etag, not_allowed
from chengyun.city.ogc.collection import Collection
from chengyun.city.ogc.crs import CRS84, Crs, by_uri, known, moved
from chengyun.city.ogc.documents import GEOJSON, JSON, MERGE
from chengyun.city.ogc.items import feature_question
from chengyun.city.ogc.refusal import bad
from chengyun.city.ogc.registry import REGISTER
from chengyun.city.schemas.components import Code, ComponentAttributes
from chengyun.core.actor import Actor
from chengyun.core.http import SessionAuth, TokenAuth
from chengyun.core.native import root_of
from chengyun.core.problems import (
    Invalid,
    NotFound,
    Problem,
    UnsupportedMedia,
    as_problem,
    problem_response,
    sign_in_first,
)

MOST_BYTES = 256_000
ORIGIN = "ogc"
#: Properties that follow from the code or the class; they may come back as they were read.
DERIVED = ("class", "class_zh", "class_en", "edition")


class Properties(ComponentAttributes):
    """The properties of a component that may be written."""

    code: Code | None = None


@csrf_exempt
def items(request: HttpRequest, name: str, fid: str | None = None) -> HttpResponse:
    """A write to a collection or to one of its features."""
    try:
        return _answer(request, name, fid)
    except Exception as error:
        problem = as_problem(error)
        if problem is None:
            raise
        return problem_response(request, problem)


@csrf_exempt
def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """What is read only."""
    return problem_response(request, not_allowed(request.path.rstrip("/")))


def _answer(request: HttpRequest, name: str, fid: str | None) -> HttpResponse:
    actor = _caller(request)
    collection = REGISTER.collections.get(name)
    if collection is None:
        names = ", ".join(REGISTER.collections)
        raise NotFound(
            zh=f"没有数据集 {name}。", en=f"There is no collection {name}.", field="collectionId",
            remedy_zh=f"可用：{names}。", remedy_en=f"Use one of: {names}.",
        )  # fmt: skip
    verbs = {"PUT", "PATCH", "DELETE"} if fid else {"POST"}
    if not collection.writable or request.method not in verbs:
        raise not_allowed(request.path.rstrip("/"))
    crs = _crs(request)
    if fid is None:
        return _create(request, actor, collection, crs)

    def check(_: int) -> None:
        _check_unchanged(request, collection, crs, fid)

    if request.method == "DELETE":
        remove_component(actor=actor, code=fid, origin=ORIGIN, check=check)
        return HttpResponse(status=204)
    document = _document(request, MERGE if request.method == "PATCH" else GEOJSON)

    def change(old: ComponentValues) -> ComponentValues:
        patched = request.method == "PATCH"
        feature = _merged(old, document) if patched else document
        given = _properties(feature)
        if not {given.code, document.get("id")} <= {None, fid}:
            raise Invalid(
                zh="标识码不可更改。", en="The code cannot be changed.", field="code",
                remedy_zh="请删除后以新码登记。", remedy_en="Remove it and register a new one.",
            )  # fmt: skip
        if patched and "geometry" not in document:
            return _values(given, (old.lon, old.lat))
        return _values(given, _place(feature.get("geometry"), crs))

    change_component(actor=actor, code=fid, change=change, origin=ORIGIN, check=check)
    return _done(collection, crs, fid, HttpResponse(status=204))


def _create(request: HttpRequest, actor: Actor, collection: Collection, crs: Crs) -> HttpResponse:
    document = _document(request, GEOJSON)
    given = _properties(document)
    code = given.code or document.get("id")
    if not isinstance(code, str) or not code:
        raise Invalid(
            zh="缺少标识码。", en="The code is missing.", field="code",
            remedy_zh="请在 properties.code 中写出。", remedy_en="Write it as properties.code.",
        )  # fmt: skip
    place = _place(document.get("geometry"), crs)
    values = _values(given, place)
    register_component(actor=actor, code=code, values=values, origin=ORIGIN)
    answer = HttpResponse(status=201)
    at = f"{root_of(request)}/ogc/collections/{collection.name}/items"
    answer["Location"] = f"{at}/{quote(code, safe='')}"
    return _done(collection, crs, code, answer)


def _caller(request: HttpRequest) -> Actor:
    key = request.COOKIES.get(SessionAuth.param_name)
    actor = TokenAuth()(request) or SessionAuth().authenticate(request, key)
    if actor is None:
        raise sign_in_first()
    return actor


def _crs(request: HttpRequest) -> Crs:
    text = request.headers.get("Content-Crs")
    if text is None:
        return known(CRS84)
    return by_uri(text.strip().removeprefix("<").removesuffix(">"), "Content-Crs")


def _document(request: HttpRequest, kind: str) -> dict[str, Any]:
    if request.content_type not in (kind, JSON, GEOJSON):
        raise UnsupportedMedia(
            zh=f"不支持 {request.content_type or '未注明的格式'}。",
            en=f"{request.content_type or 'A content without a type'} is not supported.",
            remedy_zh=f"请以 Content-Type: {kind} 发送。",
            remedy_en=f"Send it as Content-Type: {kind}.",
        )
    if len(request.body) > MOST_BYTES:
        raise Problem(
            status=413, zh="要素过大。", en="The feature is too large.",
            remedy_zh=f"至多 {MOST_BYTES} 字节。", remedy_en=f"{MOST_BYTES} bytes at most.",
        )  # fmt: skip
    try:
        document: Any = json.loads(request.body)
    except (ValueError, RecursionError):
        raise bad(
            "内容不是有效的 JSON。", "The content is not JSON.",
            remedy_zh="请发送一个 GeoJSON 要素。", remedy_en="Send one GeoJSON feature.",
        ) from None  # fmt: skip
    patch = {"type": "Feature"} if kind == MERGE else {}
    if not isinstance(document, dict) or {**patch, **document}.get("type") != "Feature":
        raise Invalid(
            zh="内容须为一个 GeoJSON 要素。", en="The content must be one GeoJSON feature.",
            field="type", remedy_zh='请写 "type": "Feature"。',
            remedy_en='Write "type": "Feature".',
        )  # fmt: skip
    properties = document.get("properties")
    if properties is not None and not isinstance(properties, dict):
        raise Invalid(
            zh="properties 须为对象。", en="The properties must be an object.",
            field="properties", remedy_zh="请改正。", remedy_en="Mend it.",
        )  # fmt: skip
    return document


def _properties(document: Mapping[str, Any]) -> Properties:
    given = dict(document.get("properties") or {})
    for name in DERIVED:
        given.pop(name, None)
    # What has no value is written as null by most clients; a text without one is empty.
    given = {
        name: Properties.model_fields[name].default
        if value is None and name in Properties.model_fields
        else value
        for name, value in given.items()
    }
    try:
        return Properties.model_validate(given)
    except Refused as refusal:
        faults: Any = refusal.errors(include_url=False, include_context=False)
        problem = as_problem(ValidationError(faults))
        assert problem is not None
        raise problem from None


def _merged(old: ComponentValues, patch: Mapping[str, Any]) -> dict[str, Any]:
    """The feature after a merge patch (RFC 7386): null takes a value away."""
    stored = {k: v for k, v in asdict(old).items() if k not in ("lon", "lat")}
    changed = patch.get("properties") or {}
    return {**patch, "properties": {**stored, **changed}}


def _place(geometry: Any, crs: Crs) -> tuple[float, float]:
    numbers = geometry.get("coordinates") if isinstance(geometry, dict) else None
    try:
        if geometry["type"] != "Point" or len(numbers) != 2:  # type: ignore[arg-type]
            raise ValueError
        if not all(type(number) in (int, float) for number in numbers):  # type: ignore[union-attr]
            raise ValueError
        point = moved(shapely.Point(numbers), crs, 4490)
    except (TypeError, KeyError, ValueError, OverflowError):
        raise Invalid(
            zh="几何须为该坐标系内的一个点（两个数）。",
            en="The geometry must be a point of two numbers in its system.",
            field="geometry",
            remedy_zh='例如 {"type": "Point", "coordinates": [120.33, 36.07]}；'
            "其它坐标系请写 Content-Crs。",
            remedy_en='Write {"type": "Point", "coordinates": [120.33, 36.07]}; name another '
            "system in Content-Crs.",
        ) from None
    # A tenth of a millimetre: a way there and back must not look like a move.
    return round(point.x, 9), round(point.y, 9)


def _values(given: Properties, place: tuple[float, float]) -> ComponentValues:
    values = given.model_dump(exclude={"code"})
    values["state"] = given.state.value
    values["accuracy"] = given.accuracy.value
    return replace(ComponentValues(*place), **values)


def _state(collection: Collection, crs: Crs, fid: str) -> str:
    """The ETag of a feature as this transaction sees it."""
    question = feature_question(collection, crs, fid, ("TRUE", {}))
    with connection.cursor() as cursor:
        cursor.execute(question.sql, dict(question.params))
        row = cursor.fetchone()
    return feature_etag(row[0], crs) if row else ""


def _check_unchanged(request: HttpRequest, collection: Collection, crs: Crs, fid: str) -> None:
    """Refuse a write that was made on an older state (If-Match)."""
    given = request.headers.get("If-Match")
    if given is None or given.strip() == "*":
        return
    marks = {mark.strip() for mark in given.split(",")}
    now = {_state(collection, each, fid) for each in (known(CRS84), crs)}
    if marks.isdisjoint(now):
        raise Problem(
            status=412,
            type="urn:chengyun:problem:precondition-failed",
            zh="该要素在您读取之后已被修改。",
            en="The feature was changed after you read it.",
            remedy_zh="请重新读取，在新的状态上修改，并附上新的 ETag。",
            remedy_en="Read it again, make your change on it, and send its new ETag.",
        )


def _done(collection: Collection, crs: Crs, fid: str, answer: HttpResponse) -> HttpResponse:
    answer["ETag"] = _state(collection, crs, fid)
    return answer
