"""What suggestions are asked about: a report that is being written, or a case."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from chengyun.city.queries import catalogue
from chengyun.core import clock
from chengyun.governance.models import Case


@dataclass(frozen=True, slots=True)
class Subject:
    """Text, place (CGCS2000 degrees) and time; what is known of matter and component."""

    text: str
    at: datetime
    lon: float | None = None
    lat: float | None = None
    matter_id: int | None = None
    component_id: int | None = None
    area_codes: tuple[str, ...] = ()
    district_code: str = ""
    case_id: int | None = None

    @classmethod
    def of_words(
        cls,
        text: str,
        *,
        lon: float | None = None,
        lat: float | None = None,
        matter_id: int | None = None,
    ) -> Self:
        """A report that was not sent yet."""
        return cls(text=text, at=clock.now(), lon=lon, lat=lat, matter_id=matter_id)

    @classmethod
    def of_case(cls, case: Case) -> Self:
        """A case as it stands."""
        return cls(
            text=case.description,
            at=case.reported_at,
            lon=case.geom.x if case.geom else None,
            lat=case.geom.y if case.geom else None,
            matter_id=case.matter_id,
            component_id=case.component_id,
            area_codes=tuple(case.scope_areas),
            district_code=case.district_code,
            case_id=case.pk,
        )

    @property
    def matter_tokens(self) -> tuple[str, ...]:
        """Class and subclass token of the matter; empty while it is not known."""
        matter = catalogue().matters.get(self.matter_id) if self.matter_id else None
        return matter.tokens if matter else ()
