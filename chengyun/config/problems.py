"""Refusals that never reach the API's own code are problem documents too: an address that does
not exist, a method that is not offered, a failed CSRF check, a failure of ours."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from chengyun.core.problems import TITLES, Problem, not_found, problem_response

_PREFIX = "/api/"


class ProblemDocuments:
    """Replaces web pages that would answer a call of the API."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        media_type = response.headers.get("Content-Type", "")
        if (
            response.status_code < 400
            or not request.path_info.startswith(_PREFIX)
            or "json" in media_type
        ):
            return response
        problem = _problem(response.status_code)
        if allowed := response.headers.get("Allow"):
            problem.headers["Allow"] = allowed
        return problem_response(request, problem)


def _problem(status: int) -> Problem:
    if status == 404:
        return not_found()
    if status == 405:
        return Problem(
            status=405,
            zh="此地址不接受这种方法。",
            en="This address does not take this method.",
            remedy_zh="可用的方法见 Allow 头与 /api/docs。",
            remedy_en="The header Allow and /api/docs say which it takes.",
        )
    if status >= 500:
        return Problem(
            status=status,
            zh="服务器出错，已记入日志。",
            en="The server failed; it is in the log.",
            remedy_zh="请稍后重试。",
            remedy_en="Try again in a moment.",
        )
    zh, en = TITLES.get(status, TITLES[400])
    return Problem(status=status, zh=f"{zh}。", en=f"{en}.")
