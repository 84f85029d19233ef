"""Which language a command speaks: its caller's locale, else the language of the platform."""

import os
from typing import Protocol

from pydantic import ValidationError

from chengyun.config.environment import environment
from chengyun.core.words import Both, Language, language_of_locale


def language() -> Language:
    """The language of whoever typed the command: the same order that the API keeps for browsers."""
    asked = language_of_locale(os.environ)
    if asked is not None:
        return asked
    try:
        return environment().language
    except ValidationError:  # A setting is wrong, and this is how it is told.
        return "zh"


def said(zh: str, en: str) -> str:
    """The words in the language of whoever typed the command."""
    return Both(zh, en).said(language())


class Refusal(Protocol):
    """Whatever says what is wrong and how to mend it, in both languages."""

    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...
    @property
    def remedy_zh(self) -> str: ...
    @property
    def remedy_en(self) -> str: ...


def refusal(told: Refusal) -> str:
    """A refusal and its remedy as one line, in the language of whoever typed the command."""
    zh = "".join(_sentence(text) for text in (told.zh, told.remedy_zh) if text)
    return said(zh, " ".join(filter(None, (told.en, told.remedy_en))))


def _sentence(text: str) -> str:
    return text if text.endswith(("。", "！", "？", ".")) else f"{text}。"
