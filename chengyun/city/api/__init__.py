"""HTTP of the city: thin. Each module holds one surface."""

from ninja import Router

from chengyun.city.api import (
    basemap,
    components,
    fillings,
    find,
    grids,
    inventory,
    layers,
    nearest,
    places,
    surveys,
)

router = Router()
for _surface in (
    places,
    basemap,
    components,
    find,
    grids,
    inventory,
    layers,
    fillings,
    nearest,
    surveys,
):
    router.add_router("", _surface.router)
