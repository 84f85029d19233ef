"""Words for people in both languages, side by side, and the language that a shell asks for."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Language = Literal["zh", "en"]

#: What names the language of whoever types a command, the strongest first, as gettext reads it.
_ASKED_BY = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


class Both(NamedTuple):
    """One thing said in Chinese and in English."""

    zh: str
    en: str

    def said(self, language: Language) -> str:
        """The words in one language."""
        return self.en if language == "en" else self.zh


def language_of_locale(environment: Mapping[str, str]) -> Language | None:
    """The language that the locale asks for; None when it asks for neither (C, POSIX, others)."""
    asked = next((environment[name] for name in _ASKED_BY if environment.get(name)), "")
    for part in asked.lower().split(":"):
        if part.startswith("zh"):
            return "zh"
        if part.startswith("en"):
            return "en"
    return None


class ValueRefused(ValueError):
    """A value that cannot be taken: why, and what to write instead, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.words = Both(zh, en)
