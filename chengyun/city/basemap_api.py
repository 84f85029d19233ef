"""HTTP of the choice of basemap."""

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from chengyun.city.basemap import basemap
from chengyun.core.http import optional_actor, written
from chengyun.core.schemas import REFUSALS

router = Router(tags=["city"])


class BasemapOut(Schema):
    """The basemap. `tiles` has one address per layer, each drawn above the one before; `layers`
    has the same with all hosts of each. `datum` is what its coordinates are in (cgcs2000, wgs84,
    gcj02, bd09): where that is shifted, the page puts it back. Only `kind` where there is none."""

    kind: str
    tiles: list[str] | None = None
    layers: list[list[str]] | None = None
    datum: str | None = None
    attribution: str | None = None
    maxzoom: int | None = None


@router.get("/basemap", auth=optional_actor, response={200: BasemapOut, **REFUSALS})
def get_basemap(request: HttpRequest) -> HttpResponse:
    """The picture under the map, as this installation has chosen it; `none` by default."""
    chosen = basemap()
    if chosen is None:
        return written({"kind": "none"})
    return written(
        {
            "kind": chosen.kind,
            # Another host for each layer: browsers open few connections to one.
            "tiles": [layer[at % len(layer)] for at, layer in enumerate(chosen.layers)],
            "layers": chosen.layers,
            "datum": chosen.datum,
            "attribution": chosen.attribution,
            "maxzoom": chosen.maxzoom,
        }
    )
