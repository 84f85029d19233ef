"""Vector tiles (MVT) of the city's layers, at `/tiles`: a small native ASGI app.

`layer` says what a layer is, `registry` keeps all; `areas`, `grids`, `points` are the city's own;
an app above registers its layers from outside. `service` reads and remembers; `app` speaks HTTP.
"""

from chengyun.city.tiles.layer import Layer, Part, Question, Tile
from chengyun.city.tiles.registry import register

__all__ = ["Layer", "Part", "Question", "Tile", "register"]
