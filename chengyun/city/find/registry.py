"""The register of all finders: the city's own and those of the apps above."""

from functools import cached_property

from chengyun.city.find.addresses import Addresses
from chengyun.city.find.areas import Areas
from chengyun.city.find.components import Components
from chengyun.city.find.finder import Finder
from chengyun.city.find.grids import Grids
from chengyun.city.find.positions import Positions


class Register:
    """All finders by kind. Apps above add theirs when Django starts."""

    def __init__(self) -> None:
        self._added: dict[str, Finder] = {}

    def add(self, finder: Finder) -> None:
        self._added[finder.kind] = finder

    @cached_property
    def finders(self) -> dict[str, Finder]:
        """Every finder; of equally good answers, those of the earlier one come first."""
        own: list[Finder] = [Positions(), Areas(), Grids(), Addresses(), Components()]
        return {finder.kind: finder for finder in [*own, *self._added.values()]}


REGISTER = Register()


def register(finder: Finder) -> None:
    """Add a finder of an app above, while Django starts."""
    REGISTER.add(finder)
