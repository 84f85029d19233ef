"""OGC API – Features and Tiles of the city's registers, at `/ogc`.

`collection` says what a collection is, `registry` keeps all; `registers` are the city's own; an
app above registers its collections from outside. `crs` knows coordinate systems, `filters` turns
CQL2 into SQL, `items` reads features, `writing` changes them. `documents`, `description` and
`pages` say what there is, to machines and to people; `app` speaks HTTP.
"""

from chengyun.city.ogc.collection import Collection, Field, Lookup
from chengyun.city.ogc.registry import register

__all__ = ["Collection", "Field", "Lookup", "register"]
