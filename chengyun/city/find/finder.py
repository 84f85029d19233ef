"""What finds things: a finder per kind of thing, and the register of all finders."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar

from chengyun.core.access import Scope

#: West, south, east, north in degrees.
Bounds = tuple[float, float, float, float]


class Match(IntEnum):
    """How well something answers a question; the lower the better."""

    EXACT = 0
    PREFIX = 1
    PART = 2
    SIMILAR = 3


@dataclass(frozen=True)
class Question:
    """What somebody looks for.

    `text` is as it was typed, `words` are folded (see `text.fold`), divided at blanks and commas.
    `near` is a CGCS2000 point (lon, lat). `reach` is None for a stranger. At most `limit` answers
    of a finder are of use.
    """

    text: str
    words: tuple[str, ...]
    near: tuple[float, float] | None
    limit: int
    reach: Scope | None

    @property
    def code(self) -> str:
        """The question as the beginning of a code or number; empty where it cannot be one."""
        word = self.words[0].upper() if len(self.words) == 1 else ""
        plain = word.replace("-", "").replace("_", "")
        return word if len(word) >= 2 and plain.isascii() and plain.isalnum() else ""


@dataclass(frozen=True)
class Found:
    """One answer. Position in CGCS2000 degrees; None where nothing is known of it.

    `href` is the page of the thing; `match` and the order in which a finder gives its answers
    decide the order of all."""

    kind: str
    match: Match
    title_zh: str
    title_en: str
    detail_zh: str = ""
    detail_en: str = ""
    code: str = ""
    lon: float | None = None
    lat: float | None = None
    bounds: Bounds | None = None
    href: str = ""


class Finder(ABC):
    """Finds one kind of thing, with a bounded number of indexed statements (one, as a rule).

    Strangers are asked for only where `public`; everybody else's sight is the finder's duty.
    """

    kind: ClassVar[str]
    public: ClassVar[bool] = False

    @abstractmethod
    def find(self, question: Question) -> Sequence[Found]:
        """The best answers first, at most `question.limit` of them."""
