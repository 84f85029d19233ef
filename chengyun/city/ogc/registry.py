"""The register of all collections: the city's own, those of the apps above, those that are data."""

from collections.abc import Sequence
from functools import cached_property

from chengyun.city.ogc.collection import Collection
from chengyun.city.ogc.registers import OWN


class Register:
    """All collections by name. Apps add theirs when Django starts; those of layers that are data
    come and go while it runs."""

    def __init__(self) -> None:
        self._added: dict[str, Collection] = {}
        self._data: dict[str, Collection] = {}

    def add(self, collection: Collection) -> None:
        self._added[collection.name] = collection

    def put_data(self, collections: Sequence[Collection]) -> None:
        """Take these for the collections that are data; none has the name of the program's."""
        self._data = {each.name: each for each in collections if each.name not in self.program}

    def find(self, name: str) -> Collection | None:
        return self.program.get(name) or self._data.get(name)

    @property
    def collections(self) -> dict[str, Collection]:
        """Every collection that this process knows of: the program's, then those that are data."""
        return {**self.program, **self._data}

    @cached_property
    def program(self) -> dict[str, Collection]:
        """The program's collections: grounds first, points last."""
        return {each.name: each for each in [*OWN, *self._added.values()]}


REGISTER = Register()


def register(collection: Collection) -> None:
    """Add a collection of an app above, while Django starts."""
    REGISTER.add(collection)
