"""Names and codes of the city as a file writes them → what they are here. Read once an import."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from chengyun.city.queries import catalogue
from chengyun.city.snapshot import AreaInfo, MatterInfo
from chengyun.core.models import Organisation
from chengyun.core.problems import Invalid

T = TypeVar("T")


class Miss(Enum):
    """Why a name leads nowhere."""

    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class OrganisationInfo:
    """One active organisation; ``ancestors`` are the codes a case carries for it."""

    id: int
    code: str
    ancestors: tuple[str, ...]


def _key(text: str) -> str:
    return " ".join(text.split()).casefold()


class Directory:
    """Finds matters, organisations and areas by code, name or alias, whatever the case.

    A code wins over a name, a name over an alias; a name that several have is ambiguous.
    """

    def __init__(
        self,
        matters: list[MatterInfo],
        organisations: list[tuple[OrganisationInfo, list[str]]],
        areas: Mapping[int, AreaInfo],
    ) -> None:
        self.matters = {matter.id: matter for matter in matters}
        self.organisations = {info.id: info for info, _ in organisations}
        self.areas = areas
        self._district_codes = {a.code for a in areas.values() if a.level == "district"}
        self._matters = _matter_ranks(matters)
        self._organisations = _Names[int]()
        for info, names in organisations:
            self._organisations.add(info.code, names, [], info.id)
        self._areas = _Names[int]()
        for area in areas.values():
            self._areas.add(area.code, [area.name_zh, area.name_en], [], area.id)

    @classmethod
    def load(cls, edition: str) -> "Directory":
        """Read the city; ``edition`` "" is its default. Raises Invalid before a city is loaded."""
        known = catalogue()
        try:
            chosen = known.editions[edition] if edition else known.default_edition
        except LookupError as error:
            names = ", ".join(known.editions) or "-"
            raise Invalid(
                zh=f"没有类别目录 {edition or '（默认）'}；已有：{names}",
                en=f"There is no catalogue edition {edition or '(default)'}; there are: {names}",
                remedy_zh="先运行 chengyun load 装入城市文件夹，或改正映射中的 edition。",
                remedy_en="Run chengyun load with the city folder first, or correct edition in "
                "the mapping.",
            ) from error
        organisations = [
            (OrganisationInfo(pk, code, tuple(ancestors)), [zh, en])
            for pk, code, ancestors, zh, en in Organisation.objects.filter(active=True)
            .order_by("code")
            .values_list("id", "code", "ancestors", "name_zh", "name_en")
        ]
        return cls(known.matters_of(chosen.code), organisations, known.areas)

    def district_of(self, area_id: int | None) -> str:
        """The code of the district that an area lies in; "" where there is none."""
        codes = self.areas[area_id].ancestors if area_id is not None else ()
        return next((code for code in codes if code in self._district_codes), "")

    def matter(self, text: str, class_text: str = "") -> int | Miss:
        """The id of a matter; ``class_text`` (a class's code or name) narrows equal names."""
        return self._matters.find(text, class_text)

    def organisation(self, text: str) -> int | Miss:
        return self._organisations.find(text)

    def area(self, text: str) -> int | Miss:
        return self._areas.find(text)


class _Names(Generic[T]):
    """Codes, names and aliases of one kind, with the answers remembered."""

    def __init__(self) -> None:
        self._ranks: tuple[dict[str, set[T]], dict[str, set[T]], dict[str, set[T]]] = ({}, {}, {})
        self._answers: dict[tuple[str, str], T | Miss] = {}

    def add(
        self, code: str, names: list[str], aliases: list[str], item: T, within: str = ""
    ) -> None:
        prefix = f"{within}\x1f" if within else ""
        for rank, texts in zip(self._ranks, ([code], names, aliases), strict=True):
            for text in texts:
                if text:
                    rank.setdefault(prefix + _key(text), set()).add(item)

    def find(self, text: str, within: str = "") -> T | Miss:
        asked = (text, within)
        if asked not in self._answers:
            self._answers[asked] = self._find(text, within)
        return self._answers[asked]

    def _find(self, text: str, within: str) -> T | Miss:
        key = (f"{_key(within)}\x1f" if within else "") + _key(text)
        for rank in self._ranks:
            found = rank.get(key, ())
            if len(found) == 1:
                return next(iter(found))
            if found:
                return Miss.AMBIGUOUS
        return Miss.UNKNOWN


def _matter_ranks(matters: list[MatterInfo]) -> "_Names[int]":
    names = _Names[int]()
    for matter in matters:
        own, aliases = [matter.name_zh, matter.name_en], list(matter.aliases)
        names.add(matter.code, own, aliases, matter.id)
        for within in {matter.class_code, matter.class_zh, matter.class_en} - {""}:
            names.add(matter.sub_code, own, aliases, matter.id, _key(within))
    return names
