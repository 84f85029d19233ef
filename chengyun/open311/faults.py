"""Refusals in GeoReport's own shape: a list of code and description, in the asked format.

The specification knows 404 (a named resource is missing), 403 (the key) and 400 (everything
else); 413, 429 and 503 are used where HTTP itself has the better word.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chengyun.core.problems import Problem
from chengyun.open311.wire import Items

_AS_400 = frozenset({401, 405, 409, 415, 422})


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, in both languages. `field` is the parameter it is about."""

    zh: str
    en: str
    field: str = ""


FAILURE = Fault(
    "服务器出错，已记入日志，请稍后重试。",
    "The server failed; it is in the log. Try again in a moment.",
)


class Refusal(Exception):
    """The request is refused for all of `faults` at once."""

    def __init__(self, status: int, *faults: Fault, headers: dict[str, str] | None = None) -> None:
        super().__init__("; ".join(fault.en for fault in faults))
        self.status = status
        self.faults = faults
        self.headers = headers or {}

    def document(self, language: str) -> Items:
        """The `errors` document in "zh" or "en"."""
        return Items(
            "error",
            [
                {
                    "code": self.status,
                    "description": fault.en if language == "en" else fault.zh,
                }
                for fault in self.faults
            ],
        )

    @classmethod
    def of(cls, problem: Problem) -> "Refusal":
        """The same refusal in the words of GeoReport."""
        status = 400 if problem.status in _AS_400 else problem.status
        faults: Sequence[Fault] = [
            Fault(str(error.get("zh", "")), str(error.get("en", "")), str(error.get("field", "")))
            for error in problem.errors
        ] or [
            Fault(
                f"{problem.zh}{problem.remedy_zh}",
                f"{problem.en} {problem.remedy_en}".strip(),
                problem.field or "",
            )
        ]
        return cls(status, *faults, headers=problem.headers)


def bad_request(zh: str, en: str, field: str = "") -> Refusal:
    return Refusal(400, Fault(zh, en, field))


def not_found(zh: str, en: str, field: str = "") -> Refusal:
    return Refusal(404, Fault(zh, en, field))
