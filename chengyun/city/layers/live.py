"""The registers of tiles and collections, kept like the layers that are data."""

from chengyun.city.layers.collections import DataCollection
from chengyun.city.layers.description import ALL, read_all
from chengyun.city.layers.tiles import DataLayer
from chengyun.city.ogc.registry import REGISTER as COLLECTIONS
from chengyun.city.tiles.registry import REGISTER as LAYERS

__all__ = ["ALL", "put"]


def put(text: str) -> None:
    """Serve exactly the layers of what `ALL` answered."""
    found = read_all(text)
    LAYERS.put_data([DataLayer(each) for each in found])
    COLLECTIONS.put_data([DataCollection(each) for each in found])
