"""One search box over everything the city knows. See `docs/city/find.md`."""

from chengyun.city.find.finder import Finder, Found, Match, Question
from chengyun.city.find.registry import register
from chengyun.city.find.search import find

__all__ = ["Finder", "Found", "Match", "Question", "find", "register"]
