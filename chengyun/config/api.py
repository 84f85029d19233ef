"""The one HTTP API of the platform: every app's router under one root, one documentation."""

from collections.abc import Mapping
from typing import Any

from ninja import NinjaAPI, Swagger
from ninja.renderers import JSONRenderer

import chengyun
from chengyun.city.api import router as city
from chengyun.city.basemap_api import router as basemap
from chengyun.city.component_api import router as components
from chengyun.city.find_api import router as find
from chengyun.city.grid_api import router as grids
from chengyun.city.inventory_api import router as inventory
from chengyun.city.layer_api import router as layers
from chengyun.city.nearest_api import router as nearest
from chengyun.city.survey_api import router as surveys
from chengyun.config.health import router as health
from chengyun.core.api import router as core
from chengyun.core.problems import install_handlers
from chengyun.governance.api import router as governance


class Utf8Json(JSONRenderer):
    """JSON with Chinese as it is: half the bytes of escapes, and readable."""

    json_dumps_params: Mapping[str, Any] = {"ensure_ascii": False}


api = NinjaAPI(
    title="Chengyun 城运",
    version=chengyun.__version__,
    description="The open city operations platform: report → case → clock → number.",
    docs=Swagger({"persistAuthorization": False, "validatorUrl": None}),
    urls_namespace="api",
    renderer=Utf8Json(),
)
for router in (
    health,
    core,
    city,
    basemap,
    components,
    find,
    grids,
    inventory,
    layers,
    nearest,
    surveys,
    governance,
):
    api.add_router("", router)
install_handlers(api)
