"""HTTP of the choice of basemap."""

import re
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from chengyun.city.basemap.app import unreadable
from chengyun.city.basemap.pmtiles import Broken, opened
from chengyun.city.basemap.source import basemap, basemap_file, is_vector
from chengyun.core.http import optional_actor, written
from chengyun.core.schemas import REFUSALS

router = Router(tags=["city"])
_MARKUP = re.compile(r"<[^>]*>")


class VectorLayerOut(Schema):
    """A layer inside the vector tiles, and the names of its attributes."""

    id: str
    fields: list[str]


class BasemapOut(Schema):
    """The basemap. `tiles` has one address per layer, each drawn above the one before; `layers`
    has the same with all hosts of each, `formats` whether each is pictures (raster) or shapes
    (vector), and `vector_layers` what a file of shapes says it holds. `datum` is what its
    coordinates are in (cgcs2000, wgs84, gcj02, bd09): where that is shifted, the page puts it
    back. Only `kind` where there is none."""

    kind: str
    tiles: list[str] | None = None
    layers: list[list[str]] | None = None
    formats: list[str] | None = None
    vector_layers: list[VectorLayerOut] | None = None
    datum: str | None = None
    attribution: str | None = None
    maxzoom: int | None = None


@router.get("/basemap", auth=optional_actor, response={200: BasemapOut, **REFUSALS})
def get_basemap(request: HttpRequest) -> HttpResponse:
    """The picture under the map, as this installation has chosen it; `none` by default."""
    chosen = basemap()
    if chosen is None:
        return written({"kind": "none"})
    answer: dict[str, Any] = {
        "kind": chosen.kind,
        # Another host for each layer: browsers open few connections to one.
        "tiles": [layer[at % len(layer)] for at, layer in enumerate(chosen.layers)],
        "layers": chosen.layers,
        "formats": ["vector" if is_vector(layer[0]) else "raster" for layer in chosen.layers],
        "datum": chosen.datum,
        "attribution": chosen.attribution,
        "maxzoom": chosen.maxzoom,
    }
    if (path := basemap_file()) is not None:
        answer |= _said_by(path, chosen.attribution, chosen.maxzoom)
    return written(answer)


def _said_by(path: Path, attribution: str, maxzoom: int) -> dict[str, Any]:
    """What a file itself knows better than the settings. Raises Unavailable."""
    try:
        archive = opened(path)
        layers = archive.vector_layers
        named = str(archive.about.get("attribution") or "")
    except (Broken, OSError) as error:
        raise unreadable(error) from None
    return {
        "formats": ["raster" if layers is None else "vector"],
        "vector_layers": layers,
        # Below its last zoom a file has nothing: its tiles are drawn enlarged.
        "maxzoom": min(maxzoom, archive.zooms[1]),
        "attribution": attribution or _MARKUP.sub("", named).strip()[:300],
    }
