"""GeoReport v2 over HTTP, thin: read the parameters, ask, render in the asked format."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt

from chengyun.core import clock
from chengyun.core.http import client_ip
from chengyun.core.problems import as_problem, language_of
from chengyun.core.ratelimit import limit_local
from chengyun.open311 import actions
from chengyun.open311.faults import FAILURE, Fault, Refusal, bad_request, not_found
from chengyun.open311.keys import key_of
from chengyun.open311.queries import services as catalogue
from chengyun.open311.queries.requests import (
    MAX_ROWS,
    MAX_SPAN,
    Wanted,
    details_of,
    find_requests,
    picture_of,
    request_item,
)
from chengyun.open311.queries.updates import find_updates, update_item
from chengyun.open311.reading import Reader
from chengyun.open311.submission import offered, read_submission
from chengyun.open311.wire import MEDIA_TYPES, Items, Value, render

log = logging.getLogger(__name__)

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
_MAX_PAGE = 10_000
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

Answer = HttpResponseBase


def endpoint(*methods: str) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Make a view of GeoReport: its methods, open to every origin, refusals in its format."""
    allowed = [*methods, *(["HEAD"] if "GET" in methods else []), "OPTIONS"]

    def decorate(view: Callable[..., Answer]) -> Callable[..., Answer]:
        @csrf_exempt
        @wraps(view)
        def answer(request: HttpRequest, fmt: str = "xml", **named: Any) -> Answer:
            if request.method == "OPTIONS":
                response: Answer = HttpResponse(status=204)
                response["Access-Control-Allow-Methods"] = ", ".join(allowed)
                response["Access-Control-Allow-Headers"] = "Content-Type, Idempotency-Key"
                response["Access-Control-Max-Age"] = "86400"
            else:
                try:
                    if request.method not in allowed:
                        raise bad_request(
                            f"此地址只接受 {', '.join(allowed)}。",
                            f"This address takes only {', '.join(allowed)}.",
                        )
                    # Readers poll: they are counted without SQL, a submission also by its key.
                    limit_local(f"open311:{client_ip(request)}", settings.CHENGYUN.rate_user)
                    response = view(request, fmt, **named)
                except Exception as error:  # noqa: BLE001  (sorted by kind, unknown ones are logged)
                    response = _refused(request, fmt, error)
            response["Access-Control-Allow-Origin"] = "*"
            response.headers.setdefault("Vary", "Accept-Language")
            return response

        return answer

    return decorate


_UNREADABLE = Refusal(
    400,
    Fault(
        "请求正文须为 application/x-www-form-urlencoded 或 multipart/form-data，UTF-8 编码。",
        "The body must be application/x-www-form-urlencoded or multipart/form-data in UTF-8.",
    ),
)


def _refused(request: HttpRequest, fmt: str, error: Exception) -> HttpResponse:
    refusal = error if isinstance(error, Refusal) else None
    if isinstance(error, (MultiPartParserError, BadRequest)):
        refusal = _UNREADABLE
    if refusal is None and (problem := as_problem(error)) is not None:
        refusal = Refusal.of(problem)
    if refusal is None:
        log.error("open311 failed at %s", request.path, exc_info=error)
        refusal = Refusal(500, FAILURE)
    response = _document("errors", refusal.document(language_of(request)), fmt, refusal.status)
    for name, value in refusal.headers.items():
        response[name] = value
    return response


def _document(
    root: str, content: Items | dict[str, Value], fmt: str, status: int = 200
) -> HttpResponse:
    return HttpResponse(render(root, content, fmt), status=status, content_type=MEDIA_TYPES[fmt])


def _address(request: HttpRequest) -> str:
    return (settings.CHENGYUN.public_url or request.build_absolute_uri("/")).rstrip("/")


def _unchanged_or(
    request: HttpRequest, fmt: str, build: Callable[[], HttpResponse]
) -> HttpResponseBase:
    """304 when the caller has this edition of the services already, else the built answer."""
    changed = catalogue.changeset()
    tag = f'"{changed.timestamp():.6f}-{language_of(request)}-{fmt}"'
    not_modified = get_conditional_response(request, etag=tag, last_modified=None)
    response = not_modified or build()
    response["ETag"] = tag
    response["Last-Modified"] = http_date(changed.timestamp())
    response["Cache-Control"] = "no-cache"
    return response


def _check_jurisdiction(given: str) -> None:
    """In the mode for several jurisdictions it must be named, and be ours."""
    if not settings.CHENGYUN.open311_jurisdiction_required:
        return
    if not given:
        raise bad_request(
            "缺少 jurisdiction_id。", "jurisdiction_id is missing.", "jurisdiction_id"
        )
    if given != catalogue.jurisdiction():
        raise not_found(
            f"没有辖区 {given}。", f"There is no jurisdiction {given}.", "jurisdiction_id"
        )


def _reader(request: HttpRequest) -> Reader:
    """The query string's reader, its jurisdiction checked."""
    reader = Reader(request.GET)
    _check_jurisdiction(reader.text("jurisdiction_id"))
    return reader


@endpoint("GET")
def discovery(request: HttpRequest, fmt: str) -> Answer:
    def build() -> HttpResponse:
        changed = catalogue.changeset()
        # Milliseconds: two changes within one second are two changesets.
        changeset = changed.strftime("%Y-%m-%dT%H:%M:%S.") + f"{changed.microsecond // 1000:03d}Z"
        names = settings.CHENGYUN
        content: dict[str, Value] = {
            "changeset": changeset,
            "contact": names.open311_contact,
            "key_service": names.open311_key_service,
            "endpoints": Items(
                "endpoint",
                [
                    {
                        "specification": SPECIFICATION,
                        "url": f"{_address(request)}/open311/v2",
                        "changeset": changeset,
                        "type": names.open311_type,
                        "formats": Items("format", ["text/xml", "application/json"]),
                    }
                ],
            ),
        }
        return _document("discovery", content, fmt)

    return _unchanged_or(request, fmt, build)


@endpoint("GET")
def service_list(request: HttpRequest, fmt: str) -> Answer:
    _reader(request)

    def build() -> HttpResponse:
        language = language_of(request)
        items = [catalogue.service_item(found, language) for found in catalogue.services()]
        return _document("services", Items("service", items), fmt)

    return _unchanged_or(request, fmt, build)


@endpoint("GET")
def service_definition(request: HttpRequest, fmt: str, code: str) -> Answer:
    _reader(request)
    content = catalogue.definition(offered(code), language_of(request))
    return _document("service_definition", content, fmt)


@endpoint("GET", "POST")
def requests(request: HttpRequest, fmt: str) -> Answer:
    if request.method == "POST":
        return _submit(request, fmt)
    wanted, extended = _wanted(request)
    return _requests(request, fmt, wanted, extended)


@endpoint("GET")
def request_by_id(request: HttpRequest, fmt: str, request_id: str) -> Answer:
    reader = _reader(request)
    extended = reader.flag("extensions")
    reader.refuse_if_faulty()
    if not request_id:
        raise bad_request("缺少 service_request_id。", "service_request_id is missing.")
    return _requests(request, fmt, Wanted(ids=[request_id]), extended, must_exist=True)


def _requests(
    request: HttpRequest, fmt: str, wanted: Wanted, extended: bool, *, must_exist: bool = False
) -> HttpResponse:
    cases = find_requests(wanted)
    if must_exist and not cases:
        raise not_found("没有这个诉求。", "There is no such service request.")
    details = details_of(cases, extended=extended)
    language, address = language_of(request), _address(request)
    items = [request_item(case, details, language, address, extended=extended) for case in cases]
    return _document("service_requests", Items("request", items), fmt)


def _wanted(request: HttpRequest) -> tuple[Wanted, bool]:
    """The filters of a list of requests, and whether extensions are asked for."""
    reader = _reader(request)
    start, end = reader.moment("start_date"), reader.moment("end_date")
    if start is not None and end is not None:
        if end < start:
            reader.fault("end_date", "end_date 早于 start_date。", "end_date is before start_date.")
        elif end - start > MAX_SPAN:
            reader.fault(
                "end_date",
                "start_date 与 end_date 最多相隔 90 天。",
                "start_date and end_date may lie at most 90 days apart.",
            )
    statuses = frozenset(reader.words("status"))
    if statuses - {"open", "closed"}:
        reader.fault(
            "status", "status 只能是 open 或 closed。", "status can only be open or closed."
        )
    wanted = Wanted(
        ids=reader.words("service_request_id"),
        service_codes=reader.words("service_code"),
        start=start,
        end=end,
        statuses=statuses,
        updated_after=reader.moment("updated_after"),
        updated_before=reader.moment("updated_before"),
        near=_near(reader),
        words=reader.text("q", 100),
        page=reader.whole("page", 1, _MAX_PAGE) or 1,
        page_size=reader.whole("page_size", 1, MAX_ROWS) or MAX_ROWS,
    )
    extended = reader.flag("extensions")
    if not wanted.ids:
        reader.refuse_if_faulty()
    return wanted, extended


def _near(reader: Reader) -> tuple[float, float, float] | None:
    latitude = reader.number("lat", -90, 90)
    longitude = reader.number("long", -180, 180)
    radius = reader.number("radius", 1, 50_000)
    if reader.faults or (latitude is None and longitude is None and radius is None):
        return None
    if latitude is None or longitude is None:
        reader.fault("lat", "lat 与 long 须同时给出。", "lat and long must be given together.")
        return None
    return longitude, latitude, radius or 100.0


def _submit(request: HttpRequest, fmt: str) -> HttpResponse:
    if request.content_type not in _FORMS:
        raise _UNREADABLE
    given = request.POST
    reader = Reader(given)
    holder = key_of(request, reader.text("api_key"))
    _check_jurisdiction(reader.text("jurisdiction_id"))
    key = request.headers.get("Idempotency-Key") or request.headers.get("X-Idempotency-Key") or ""
    submission = read_submission(reader, given, request.FILES.getlist("media"))
    receipt = actions.submit(key=holder, submission=submission, idempotency_key=key)
    item: dict[str, Value] = {
        **receipt,
        "service_notice": actions.notice(submission.service, language_of(request)),
        "account_id": None,
    }
    status = settings.CHENGYUN.open311_created_status
    return _document("service_requests", Items("request", [item]), fmt, status)


@endpoint("GET")
def token(request: HttpRequest, fmt: str, token: str) -> Answer:
    _reader(request)
    if not token:
        raise bad_request("缺少 token。", "token is missing.")
    item: dict[str, Value] = {
        "service_request_id": actions.request_id_of(token),
        "token": token,
    }
    return _document("service_requests", Items("request", [item]), fmt)


@endpoint("GET")
def updates(request: HttpRequest, fmt: str) -> Answer:
    reader = _reader(request)
    start, end = reader.moment("start_date"), reader.moment("end_date")
    page = reader.whole("page", 1, _MAX_PAGE) or 1
    page_size = reader.whole("page_size", 1, MAX_ROWS) or MAX_ROWS
    reader.refuse_if_faulty()
    end = end or (start + MAX_SPAN if start else clock.now())
    start = start or end - MAX_SPAN
    if not timedelta(0) <= end - start <= MAX_SPAN:
        raise bad_request(
            "end_date 不得早于 start_date，且最多相隔 90 天。",
            "end_date must not be before start_date, nor more than 90 days after it.",
            "end_date",
        )
    language = language_of(request)
    items = [update_item(step, language) for step in find_updates(start, end, page, page_size)]
    return _document("service_request_updates", Items("request_update", items), fmt)


@endpoint("GET")
def picture(request: HttpRequest, fmt: str, request_id: int, picture: UUID) -> Answer:
    found = picture_of(str(request_id), picture)
    if found is None:
        raise not_found("没有这张图片。", "There is no such picture.")
    content = default_storage.open(found.storage_name)
    response = FileResponse(content, content_type=found.media_type)
    response["Cache-Control"] = "public, max-age=300"
    return response


@endpoint("GET", "POST", "PUT", "PATCH", "DELETE")
def nothing_here(request: HttpRequest, fmt: str, rest: str) -> Answer:
    fmt = "json" if rest.rstrip("/").endswith(".json") else "xml"
    problem = not_found(
        "没有这个地址，请看 /open311/discovery.xml。",
        "There is nothing here; see /open311/discovery.xml.",
    )
    return _refused(request, fmt, problem)
