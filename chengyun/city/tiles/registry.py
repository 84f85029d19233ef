"""The register of all layers: the city's own, those of the apps above, those that are data."""

from collections.abc import Sequence
from functools import cached_property

from chengyun.city.tiles.areas import Areas
from chengyun.city.tiles.grids import DutyGrids, UnitGrids
from chengyun.city.tiles.layer import Layer
from chengyun.city.tiles.points import Addresses, Components


class Register:
    """All layers by name. Apps add theirs when Django starts; those that are data
    (`chengyun.city.layers`) come and go while it runs."""

    def __init__(self) -> None:
        self._added: dict[str, Layer] = {}
        self._data: dict[str, Layer] = {}

    def add(self, layer: Layer) -> None:
        self._added[layer.name] = layer

    def put_data(self, layers: Sequence[Layer]) -> None:
        """Take these for the layers that are data; none has the name of one of the program."""
        self._data = {each.name: each for each in layers if each.name not in self.program}

    def find(self, name: str) -> Layer | None:
        return self.program.get(name) or self._data.get(name)

    @property
    def layers(self) -> dict[str, Layer]:
        """Every layer that this process knows of: the program's, then those that are data."""
        return {**self.program, **self._data}

    @cached_property
    def program(self) -> dict[str, Layer]:
        """The program's layers in the order of drawing: grounds first, points last."""
        own: list[Layer] = [Areas(), UnitGrids(), DutyGrids(), Addresses(), Components()]
        return {layer.name: layer for layer in [*own, *self._added.values()]}


REGISTER = Register()


def register(layer: Layer) -> None:
    """Add a layer of an app above, while Django starts."""
    REGISTER.add(layer)
