"""Conformance checks of GeoReport v2 that run against any server and change nothing on it.

The rules of the specification fail when they are broken; what is custom only (CORS, edges that
the specification leaves open) warns. Knows nothing of Chengyun but how it reads an answer.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import httpx
from defusedxml import ElementTree as SafeXML
from defusedxml.common import DefusedXmlException

from chengyun.open311.reading import w3c

_TYPES = {"xml": "text/xml", "json": "application/json"}
_SERVICE_TYPES = {"realtime", "batch", "blackbox"}
_DATATYPES = {"string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"}
# Containers with one repeating child: bare arrays in JSON.
_CONTAINERS = {
    "services": "service",
    "service_requests": "request",
    "errors": "error",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
    "notes": "note",
    "service_request_updates": "request_update",
}
_PERSONAL = {"email", "phone", "first_name", "last_name", "device_id"}
_UNKNOWN = "no-such-thing-0"


class Outcome(StrEnum):
    PASS = "pass"  # noqa: S105  (a result, not a password)
    WARN = "warn"
    FAIL = "FAIL"
    SKIP = "skip"


@dataclass(frozen=True)
class Result:
    """What one check saw in one format."""

    name: str
    fmt: str
    outcome: Outcome
    seen: str


class Broken(Exception):
    """A rule is broken; the text says how."""


class Untested(Exception):
    """The check does not apply; the text says why."""


@dataclass(frozen=True)
class Answer:
    """One answer, its document in the JSON shape whatever the format was."""

    status: int
    media_type: str
    headers: Mapping[str, str]
    content: bytes
    root: str
    document: Any


@dataclass
class Server:
    """The server under test."""

    client: httpx.Client
    base: str
    discovery: str
    jurisdiction: str = ""
    api_key: str = ""

    def get(self, path: str, fmt: str, **params: str) -> Answer:
        """GET `path`.`fmt`. Raises Broken when the answer is not a document of that format."""
        if self.jurisdiction and "jurisdiction_id" not in params:
            params["jurisdiction_id"] = self.jurisdiction
        return self._read(self.client.get(f"{self.base}/{path}.{fmt}", params=params), fmt)

    def post(self, fmt: str, **form: str) -> Answer:
        """POST a submission that must be refused."""
        if self.jurisdiction:
            form["jurisdiction_id"] = self.jurisdiction
        return self._read(self.client.post(f"{self.base}/requests.{fmt}", data=form), fmt)

    def discover(self, fmt: str) -> Answer:
        return self._read(self.client.get(f"{self.discovery}.{fmt}"), fmt)

    def _read(self, response: httpx.Response, fmt: str) -> Answer:
        media_type = response.headers.get("content-type", "")
        where = f"{response.request.method} {response.url}"
        try:
            root, document = parse(response.content, fmt)
        except (ValueError, ParseError, DefusedXmlException) as error:
            raise Broken(
                f"{where} → {response.status_code}: the body is no {fmt.upper()} ({error})"
            ) from error
        return Answer(
            response.status_code, media_type, response.headers, response.content, root, document
        )

    def requests(self, fmt: str, **params: str) -> list[dict[str, Any]]:
        """A list of requests; an answer that is none is Broken."""
        answer = self.get("requests", fmt, **params)
        _expect(answer.status == 200, f"status {answer.status} for {params or 'no parameters'}")
        return _objects(answer.document, "request")


def parse(content: bytes, fmt: str) -> tuple[str, Any]:
    """The root's name ("" in JSON) and the document in the JSON shape, every text a string.

    Raises ValueError or ParseError for what is not well-formed.
    """
    if fmt == "json":
        return "", json.loads(content.decode("utf-8"))
    root = SafeXML.fromstring(content)
    return root.tag, _spark(root)


def _spark(element: Element) -> Any:
    children = list(element)
    if element.tag in _CONTAINERS and all(c.tag == _CONTAINERS[element.tag] for c in children):
        return [_spark(child) for child in children]
    if not children:
        return element.text or None
    return {child.tag: _spark(child) for child in children}


def run(
    client: httpx.Client,
    url: str,
    *,
    jurisdiction: str = "",
    discovery: str = "",
    api_key: str = "",
) -> Iterator[Result]:
    """Run every check in both formats. With `api_key` also those of refused submissions."""
    base = url.rstrip("/")
    discovery = discovery or f"{base.removesuffix('/v2')}/discovery"
    server = Server(client, base, discovery.removesuffix(".xml"), jurisdiction, api_key)
    for name, required, check in CHECKS:
        for fmt in ("xml", "json"):
            try:
                yield Result(name, fmt, Outcome.PASS, check(server, fmt))
            except Untested as reason:
                yield Result(name, fmt, Outcome.SKIP, str(reason))
            except Broken as fault:
                yield Result(name, fmt, Outcome.FAIL if required else Outcome.WARN, str(fault))
            except httpx.HTTPError as fault:
                yield Result(name, fmt, Outcome.FAIL, f"{type(fault).__name__}: {fault}")


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Broken(otherwise)


def _objects(document: Any, what: str) -> list[dict[str, Any]]:
    _expect(isinstance(document, list), f"not a list of {what}")
    _expect(all(isinstance(item, dict) for item in document), f"a {what} is no object")
    found: list[dict[str, Any]] = document
    return found


def _required(item: Mapping[str, Any], names: Sequence[str], what: str) -> None:
    missing = [name for name in names if item.get(name) in (None, "")]
    _expect(not missing, f"{what} without {', '.join(missing)}: {item}")


def _boolean(value: Any) -> bool:
    return value is True or value is False or value in ("true", "false")


def _moment(value: Any, what: str) -> datetime:
    try:
        return w3c(str(value))
    except ValueError:
        raise Broken(f"{what} {value!r} is no date and time with its zone") from None


# --- The checks. Each returns what it saw, or raises. ---------------------------------------


def discovery_document(server: Server, fmt: str) -> str:
    answer = server.discover(fmt)
    _expect(answer.status == 200, f"status {answer.status}")
    found = answer.document
    _expect(isinstance(found, dict), "not one object")
    _required(found, ["changeset", "contact", "key_service", "endpoints"], "discovery")
    changed = _moment(found["changeset"], "changeset")
    _expect(changed <= datetime.now(UTC) + timedelta(minutes=5), "changeset lies in the future")
    endpoints = _objects(found["endpoints"], "endpoint")
    _expect(bool(endpoints), "no endpoint")
    for endpoint in endpoints:
        _required(endpoint, ["specification", "url", "changeset", "type"], "endpoint")
        _expect(endpoint["type"] in ("production", "test"), f"type {endpoint['type']!r}")
        _expect(
            any("xml" in str(media) for media in endpoint.get("formats") or []),
            "an endpoint does not list text/xml",
        )
    return f"{len(endpoints)} endpoints, changeset {found['changeset']}"


def discovery_equal(server: Server, fmt: str) -> str:
    if fmt == "json":
        raise Untested("compared in the line above")
    xml, other = server.discover("xml").document, server.discover("json").document
    _expect(xml == other, "XML and JSON of discovery differ")
    return "XML and JSON carry the same"


def media_types(server: Server, fmt: str) -> str:
    answer = server.get("services", fmt)
    wanted = _TYPES[fmt]
    plain = re.sub(r"\s", "", answer.media_type).lower()
    _expect(plain.startswith(wanted), f"content type {answer.media_type!r}, not {wanted}")
    _expect("charset=utf-8" in plain, f"no charset=utf-8 in {answer.media_type!r}")
    if fmt == "xml":
        _expect(answer.content.lstrip().startswith(b"<?xml"), "no XML declaration")
    return answer.media_type


def service_list(server: Server, fmt: str) -> str:
    answer = server.get("services", fmt)
    _expect(answer.status == 200, f"status {answer.status}")
    if fmt == "xml":
        _expect(answer.root == "services", f"the root is {answer.root}")
    found = _objects(answer.document, "service")
    _expect(bool(found), "no service")
    for item in found:
        _required(item, ["service_code", "service_name", "metadata", "type"], "service")
        _expect(_boolean(item["metadata"]), f"metadata {item['metadata']!r}")
        _expect(item["type"] in _SERVICE_TYPES, f"type {item['type']!r}")
    codes = [str(item["service_code"]) for item in found]
    _expect(len(set(codes)) == len(codes), "a service_code stands twice")
    return f"{len(found)} services"


def codes_are_text(server: Server, fmt: str) -> str:
    if fmt == "xml":
        raise Untested("XML has only text")
    for item in _objects(server.get("services", fmt).document, "service"):
        _expect(
            isinstance(item.get("service_code"), str),
            f"service_code {item.get('service_code')!r} is no string",
        )
    return "every service_code is a string"


def definitions(server: Server, fmt: str) -> str:
    found = _objects(server.get("services", fmt).document, "service")
    asking = [item for item in found if item.get("metadata") in (True, "true")]
    if not asking:
        raise Untested("no service has metadata")
    for item in asking[:25]:
        _definition(server, fmt, str(item["service_code"]))
    return f"{min(len(asking), 25)} of {len(asking)} definitions read"


def _definition(server: Server, fmt: str, code: str) -> None:
    answer = server.get(f"services/{code}", fmt)
    _expect(answer.status == 200, f"status {answer.status} for the definition of {code}")
    attributes = _objects(answer.document.get("attributes"), "attribute")
    orders = []
    for item in attributes:
        _required(item, ["variable", "code", "datatype", "required", "order"], "attribute")
        kind = item["datatype"]
        _expect(kind in _DATATYPES, f"{code}: datatype {kind!r}")
        _expect(_boolean(item["required"]), f"{code}: required {item['required']!r}")
        if "list" in kind:
            values = _objects(item.get("values"), "value")
            _expect(bool(values), f"{code}: the list {item['code']} has no values")
            for value in values:
                _required(value, ["key", "name"], "value")
        orders.append(str(item["order"]))
    _expect(len(set(orders)) == len(orders), f"{code}: an order stands twice")


def unknown_service(server: Server, fmt: str) -> str:
    return _refused(server.get(f"services/{_UNKNOWN}", fmt), 404, fmt)


def unknown_request(server: Server, fmt: str) -> str:
    return _refused(server.get(f"requests/{_UNKNOWN}", fmt), 404, fmt)


def _refused(answer: Answer, status: int, fmt: str) -> str:
    _expect(answer.status == status, f"status {answer.status}, not {status}")
    if fmt == "xml":
        _expect(answer.root == "errors", f"the root is {answer.root}, not errors")
    errors = _objects(answer.document, "error")
    _expect(bool(errors), "no error is named")
    for error in errors:
        _required(error, ["code", "description"], "error")
    return f"{status}: {errors[0]['description']}"


def unknown_jurisdiction(server: Server, fmt: str) -> str:
    answer = server.get("services", fmt, jurisdiction_id=_UNKNOWN)
    if answer.status == 200:
        raise Untested("jurisdiction_id is ignored: one jurisdiction")
    return _refused(answer, 404, fmt)


def request_list(server: Server, fmt: str) -> str:
    answer = server.get("requests", fmt)
    _expect(answer.status == 200, f"status {answer.status}")
    if fmt == "xml":
        _expect(answer.root == "service_requests", f"the root is {answer.root}")
    found = _objects(answer.document, "request")
    _expect(len(found) <= 1000, f"{len(found)} requests, more than 1000")
    for item in found:
        names = ["service_request_id", "status", "service_code", "requested_datetime"]
        _required(item, names, "request")
        _expect(item["status"] in ("open", "closed"), f"status {item['status']!r}")
        _moment(item["requested_datetime"], "requested_datetime")
        for name in ("updated_datetime", "expected_datetime"):
            if item.get(name):
                _moment(item[name], name)
    return f"{len(found)} requests"


def window(server: Server, fmt: str) -> str:
    found = server.requests(fmt)
    if not found:
        raise Untested("no request in the last 90 days")
    oldest = min(_moment(item["requested_datetime"], "requested_datetime") for item in found)
    _expect(
        oldest >= datetime.now(UTC) - timedelta(days=91),
        f"without dates a request of {oldest:%Y-%m-%d} is listed",
    )
    return f"the oldest is of {oldest:%Y-%m-%d}"


def dates_inclusive(server: Server, fmt: str) -> str:
    first = _first(server, fmt)
    at, number = str(first["requested_datetime"]), str(first["service_request_id"])
    found = server.requests(fmt, start_date=at, end_date=at)
    ids = [str(item["service_request_id"]) for item in found]
    _expect(number in ids, f"{number} is not in [{at}, {at}]")
    return f"{len(ids)} requests at {at}"


def status_filter(server: Server, fmt: str) -> str:
    counts = []
    for status in ("open", "closed", "open,closed"):
        found = server.requests(fmt, status=status)
        wrong = [item["status"] for item in found if item["status"] not in status.split(",")]
        _expect(not wrong, f"status={status} gives {wrong[:1]}")
        counts.append(f"{len(found)} {status}")
    return "; ".join(counts)


def service_filter(server: Server, fmt: str) -> str:
    code = str(_first(server, fmt)["service_code"])
    found = server.requests(fmt, service_code=code)
    _expect(bool(found), f"service_code={code} gives none")
    others = {str(item["service_code"]) for item in found} - {code}
    _expect(not others, f"service_code={code} also gives {others}")
    return f"{len(found)} of {code}"


def one_request(server: Server, fmt: str) -> str:
    first = _first(server, fmt)
    answer = server.get(f"requests/{first['service_request_id']}", fmt)
    _expect(answer.status == 200, f"status {answer.status}")
    found = _objects(answer.document, "request")
    _expect(len(found) == 1, f"{len(found)} requests under one id")
    stable = ("service_request_id", "service_code", "requested_datetime", "lat", "long")
    for name in stable:
        _expect(
            found[0].get(name) == first.get(name),
            f"{name} is {found[0].get(name)!r} alone and {first.get(name)!r} in the list",
        )
    return str(found[0]["service_request_id"])


def ids_override(server: Server, fmt: str) -> str:
    first = _first(server, fmt)
    number = str(first["service_request_id"])
    other = "closed" if first["status"] == "open" else "open"
    found = server.requests(fmt, service_request_id=number, status=other)
    ids = [str(item["service_request_id"]) for item in found]
    _expect(ids == [number], f"service_request_id={number}&status={other} gives {ids}")
    return number


def empty_is_absent(server: Server, fmt: str) -> str:
    plain = len(server.requests(fmt))
    empty = server.requests(fmt, status="", service_code="", start_date="", end_date="")
    _expect(abs(len(empty) - plain) <= 2, f"{len(empty)} with empty parameters, {plain} without")
    return f"{plain} requests either way"


def nothing_found(server: Server, fmt: str) -> str:
    found = server.requests(fmt, start_date="1990-01-01T00:00:00Z", end_date="1990-01-02T00:00:00Z")
    _expect(found == [], f"{len(found)} requests of January 1990")
    return "an empty list with status 200"


def bad_status(server: Server, fmt: str) -> str:
    return _refused(server.get("requests", fmt, status="bogus"), 400, fmt)


def naive_date(server: Server, fmt: str) -> str:
    return _refused(server.get("requests", fmt, start_date="2026-01-01T00:00:00"), 400, fmt)


def no_personal_data(server: Server, fmt: str) -> str:
    found = server.requests(fmt)
    named = sorted({name for item in found for name in item} & _PERSONAL)
    _expect(not named, f"requests carry {', '.join(named)}")
    return "no field names the reporter"


def cross_origin(server: Server, fmt: str) -> str:
    allowed = server.get("services", fmt).headers.get("access-control-allow-origin")
    _expect(allowed == "*", f"Access-Control-Allow-Origin is {allowed!r}")
    return "every origin"


def wrong_key(server: Server, fmt: str) -> str:
    _needs_key(server)
    return _refused(
        server.post(fmt, api_key=_UNKNOWN, service_code="0", lat="0", long="0"), 403, fmt
    )


def no_place(server: Server, fmt: str) -> str:
    _needs_key(server)
    found = _objects(server.get("services", fmt).document, "service")
    code = str(found[0]["service_code"])
    answer = server.post(fmt, api_key=server.api_key, service_code=code, description="conformance")
    return _refused(answer, 400, fmt)


def no_service(server: Server, fmt: str) -> str:
    _needs_key(server)
    form = {"api_key": server.api_key, "address_string": "conformance", "service_code": _UNKNOWN}
    return _refused(server.post(fmt, **form), 404, fmt)


def _needs_key(server: Server) -> None:
    if not server.api_key:
        raise Untested("needs an API key")


def _first(server: Server, fmt: str) -> dict[str, Any]:
    found = server.requests(fmt)
    if not found:
        raise Untested("the server shows no request")
    return found[0]


Check = Callable[[Server, str], str]

#: Name, whether the specification demands it, and the check.
CHECKS: tuple[tuple[str, bool, Check], ...] = (
    ("discovery", True, discovery_document),
    ("discovery is equal in both formats", True, discovery_equal),
    ("media type, charset, declaration", True, media_types),
    ("service list", True, service_list),
    ("service codes are text in JSON", False, codes_are_text),
    ("service definitions", True, definitions),
    ("unknown service is 404", True, unknown_service),
    ("unknown request is 404", True, unknown_request),
    ("unknown jurisdiction is 404", True, unknown_jurisdiction),
    ("request list", True, request_list),
    ("default window of 90 days", True, window),
    ("dates include their edges", True, dates_inclusive),
    ("status filter", True, status_filter),
    ("service_code filter", True, service_filter),
    ("one request by id", True, one_request),
    ("service_request_id overrides", True, ids_override),
    ("empty parameters are absent", True, empty_is_absent),
    ("nothing found is an empty list", True, nothing_found),
    ("unknown status is 400", False, bad_status),
    ("date without zone is 400", False, naive_date),
    ("no personal data", True, no_personal_data),
    ("cross-origin reading", False, cross_origin),
    ("submission with a wrong key is 403", True, wrong_key),
    ("submission without a place is 400", True, no_place),
    ("submission to an unknown service is 404", True, no_service),
)
