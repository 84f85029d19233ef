"""The one HTTP API of the platform: every app's router under one root, one documentation."""

from collections.abc import Mapping
from typing import Any

from ninja import NinjaAPI, Swagger
from ninja.renderers import JSONRenderer

import chengyun
from chengyun.city.api import router as city
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
    governance,
):
    api.add_router("", router)
install_handlers(api)
