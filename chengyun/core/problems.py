"""Refusals as RFC 9457 problem documents, in Chinese and English.

Actions raise a `Problem`; the HTTP layer turns it, and every other way in which input can be
bad, into an `application/problem+json` answer. `install_handlers` is called once per API.
"""

import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import (
    ObjectDoesNotExist,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from ninja import NinjaAPI
from ninja import errors as ninja_errors

from chengyun.core.complaints import complaint
from chengyun.core.words import Language

log = logging.getLogger(__name__)

TITLES: dict[int, tuple[str, str]] = {
    400: ("请求无法理解", "The request cannot be understood"),
    401: ("需要登录", "Sign in first"),
    403: ("无权操作", "Not permitted"),
    404: ("未找到", "Not found"),
    405: ("方法不允许", "Method not allowed"),
    406: ("没有可接受的形式", "Not acceptable"),
    409: ("与当前状态冲突", "Conflict with the current state"),
    413: ("内容过大", "Content too large"),
    415: ("媒体类型不支持", "Unsupported media type"),
    422: ("内容有误", "Invalid content"),
    429: ("请求过于频繁", "Too many requests"),
    503: ("暂时不可用", "Temporarily unavailable"),
}


class Problem(Exception):
    """A refusal that a person can act on.

    `errors` is a list of {field, zh, en} for several faults at once; `extra` adds members to
    the document; `headers` adds response headers (Retry-After).
    """

    status = 400
    type = "about:blank"

    def __init__(
        self,
        *,
        zh: str,
        en: str,
        status: int | None = None,
        type: str | None = None,  # noqa: A002  (the member's name in RFC 9457)
        field: str | None = None,
        remedy_zh: str = "",
        remedy_en: str = "",
        errors: Sequence[Mapping[str, Any]] = (),
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(en)
        self.status = status if status is not None else self.status
        self.type = type if type is not None else self.type
        self.zh, self.en, self.field = zh, en, field
        self.remedy_zh, self.remedy_en = remedy_zh, remedy_en
        self.errors = [dict(error) for error in errors]
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})

    def document(self, language: str = "zh") -> dict[str, Any]:
        """The problem document in "zh" or "en"."""
        chinese = language != "en"
        title_zh, title_en = TITLES.get(self.status, ("错误", "Error"))
        document: dict[str, Any] = {
            "type": self.type,
            "title": title_zh if chinese else title_en,
            "status": self.status,
            "detail": self.zh if chinese else self.en,
        }
        remedy = self.remedy_zh if chinese else self.remedy_en
        if self.field:
            document["field"] = self.field
        if remedy:
            document["remedy"] = remedy
        if self.errors:
            document["errors"] = [_one_language(error, chinese) for error in self.errors]
        return {**self.extra, **document}


def _one_language(error: Mapping[str, Any], chinese: bool) -> dict[str, Any]:
    rest = {key: value for key, value in error.items() if key not in ("zh", "en")}
    detail = error.get("zh" if chinese else "en")
    return rest if detail is None else {**rest, "detail": detail}


class Unauthenticated(Problem):
    status, type = 401, "urn:chengyun:problem:unauthenticated"


class Forbidden(Problem):
    status, type = 403, "urn:chengyun:problem:forbidden"


class NotFound(Problem):
    status, type = 404, "urn:chengyun:problem:not-found"


class Conflict(Problem):
    status, type = 409, "urn:chengyun:problem:conflict"


class TooLarge(Problem):
    status, type = 413, "urn:chengyun:problem:too-large"


class UnsupportedMedia(Problem):
    status, type = 415, "urn:chengyun:problem:unsupported-media"


class Invalid(Problem):
    status, type = 422, "urn:chengyun:problem:invalid"


class TooMany(Problem):
    status, type = 429, "urn:chengyun:problem:too-many"


class Unavailable(Problem):
    status, type = 503, "urn:chengyun:problem:unavailable"


def language_of(request: HttpRequest) -> Language:
    """ "en" when the caller asks for English before Chinese, else "zh"."""
    for part in request.headers.get("Accept-Language", "").lower().split(","):
        tag = part.strip()
        if tag.startswith("zh"):
            return "zh"
        if tag.startswith("en"):
            return "en"
    return "zh"


def problem_response(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The HTTP answer of a problem, in the caller's language."""
    language = language_of(request)
    text = json.dumps(problem.document(language), ensure_ascii=False, default=str)
    # Input may be quoted back; a lone surrogate in it becomes its JSON escape.
    body = text.encode("utf-8", "backslashreplace")
    response = HttpResponse(body, status=problem.status, content_type="application/problem+json")
    response["Content-Language"] = language
    response["Vary"] = "Accept-Language"
    for name, value in problem.headers.items():
        response[name] = value
    return response


def _from_pydantic(error: ninja_errors.ValidationError) -> Problem:
    faults = [
        {
            "field": _field_path(fault.get("loc", ())),
            "zh": told.zh,
            "en": told.en,
            "code": fault.get("type", ""),
        }
        for fault in error.errors
        for told in (complaint(fault),)
    ]
    fields = "、".join(fault["field"] for fault in faults if fault["field"])
    return Invalid(
        zh=f"有 {len(faults)} 处内容不符合要求：{fields}。",
        en=f"{len(faults)} values are not acceptable: {fields}.",
        field=faults[0]["field"] if faults else None,
        remedy_zh="请按 errors 中各字段的说明修改后重试。",
        remedy_en="Mend each field as told in errors and send it again.",
        errors=faults,
    )


def _field_path(location: Iterable[Any]) -> str:
    """ninja says ("body", "payload", "lon"): where it came from, the argument, then the field."""
    parts = [str(part) for part in location]
    if len(parts) > 2 and parts[0] in ("body", "form", "query", "path", "header", "file"):
        parts = parts[2:] if parts[0] in ("body", "form") else parts[1:]
    elif len(parts) > 1:
        parts = parts[1:]
    return ".".join(parts)


def _sqlstate(error: BaseException) -> str:
    return getattr(error.__cause__, "sqlstate", None) or ""


def _bad_text(_: Exception) -> Problem:
    return Invalid(
        zh="内容含有无法保存的字符（空字符、孤立代理项）或超出范围的数值。",
        en="The content has characters that cannot be stored (NUL, lone surrogates), "
        "or a value out of range.",
        remedy_zh="请删除这些字符或改正数值后重试。",
        remedy_en="Remove these characters or mend the value, then send it again.",
    )


def _from_integrity(error: Exception) -> Problem:
    state = _sqlstate(error)
    if state in ("23514", "23502"):  # a check or NOT NULL: the value itself is not acceptable
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        return Invalid(
            zh=f"内容不符合数据约束 {constraint or ''}。",
            en=f"The content breaks the data constraint {constraint or ''}.",
        )
    return Conflict(
        zh="与已有数据冲突：相同的记录已存在，或所引用的记录已改变。",
        en="It conflicts with stored data: the same record exists, or a referenced one changed.",
        remedy_zh="请刷新后重试。",
        remedy_en="Reload and try again.",
    )


def _from_operational(error: Exception) -> Problem:
    state = _sqlstate(error)
    if state in ("40001", "40P01", "55P03"):  # serialization, deadlock, lock not available
        zh, en = "与他人的并发操作冲突。", "It collided with somebody else's change."
    elif state == "57014":
        zh, en = "查询超时，请缩小范围。", "The query took too long; narrow it."
    else:
        log.error("database refused", exc_info=error)
        zh, en = "数据库暂时不可用。", "The database is unavailable for the moment."
    return Unavailable(
        zh=zh,
        en=en,
        remedy_zh="请稍后重试。",
        remedy_en="Try again in a moment.",
        headers={"Retry-After": "1"},
    )


def _from_django_validation(error: Exception) -> Problem:
    assert isinstance(error, ValidationError)
    if hasattr(error, "error_dict"):
        faults = [
            {"field": name, "zh": text, "en": text}
            for name, texts in error.message_dict.items()
            for text in texts
        ]
    else:
        faults = [{"zh": text, "en": text} for text in error.messages]
    text = "; ".join(str(fault["zh"]) for fault in faults)
    return Invalid(zh=text, en=text, errors=faults)


def _from_http_error(error: Exception) -> Problem:
    assert isinstance(error, ninja_errors.HttpError)
    return Problem(status=error.status_code, zh=str(error), en=str(error))


_ANSWERS: tuple[tuple[type[Exception], Callable[[Any], Problem]], ...] = (
    (Problem, lambda problem: problem),
    (ninja_errors.ValidationError, _from_pydantic),
    (ninja_errors.AuthenticationError, lambda _: sign_in_first()),
    (
        ninja_errors.AuthorizationError,
        lambda _: Forbidden(zh="您无权进行此操作。", en="You may not do this."),
    ),
    (ninja_errors.HttpError, _from_http_error),
    (PermissionDenied, lambda _: Forbidden(zh="您无权进行此操作。", en="You may not do this.")),
    (Http404, lambda _: not_found()),
    (ObjectDoesNotExist, lambda _: not_found()),
    (ValidationError, _from_django_validation),
    (
        RequestDataTooBig,
        lambda _: TooLarge(zh="请求内容过大。", en="The request body is too large."),
    ),
    (SuspiciousOperation, lambda _: Problem(zh="请求不合规。", en="The request is not proper.")),
    (
        UnreadablePostError,
        lambda _: Problem(zh="请求内容未能完整读取。", en="The request body ended too early."),
    ),
    (UnicodeError, _bad_text),
    (DataError, _bad_text),
    (IntegrityError, _from_integrity),
    (OperationalError, _from_operational),
    (
        OverflowError,
        lambda _: Invalid(zh="数值或日期超出范围。", en="A number or date is out of range."),
    ),
)


def sign_in_first() -> Problem:
    return Unauthenticated(
        zh="请先登录或提供有效的访问令牌。",
        en="Sign in, or send a valid access token.",
        remedy_zh="在 /accounts/login/ 登录，或设置 Authorization: Bearer cy_…。",
        remedy_en="Sign in at /accounts/login/, or set Authorization: Bearer cy_….",
        headers={"WWW-Authenticate": 'Bearer realm="chengyun"'},
    )


def not_found() -> Problem:
    return NotFound(
        zh="没有这条记录，或您无权查看。", en="There is no such record, or you may not see it."
    )


def as_problem(error: Exception) -> Problem | None:
    """The refusal that an exception means, or None when it is a failure of ours."""
    for kind, answer in _ANSWERS:
        if isinstance(error, kind):
            return answer(error)
    if isinstance(error, ValueError) and "NUL" in str(error):
        return _bad_text(error)  # psycopg refuses NUL in text before the server sees it
    return None


def install_handlers(api: NinjaAPI) -> None:
    """Make `api` answer every refusal as a problem document; what is left is a real 500."""

    def answer(request: HttpRequest, error: Any) -> HttpResponse:
        problem = as_problem(error)
        if problem is None:
            raise error
        return problem_response(request, problem)

    for kind, _ in _ANSWERS:
        api.add_exception_handler(kind, answer)
    api.add_exception_handler(ValueError, answer)
