"""The one HTTP API of the platform: every app's router, mounted by name."""

from importlib import import_module
from importlib.util import find_spec

from ninja import NinjaAPI, Swagger

import chengyun
from chengyun.config.health import router as health

#: (prefix, import path of a module with a ``router``). Order is the order of the documentation.
ROUTERS: tuple[tuple[str, str], ...] = (
    ("", "chengyun.core.api"),
    ("", "chengyun.city.api"),
    ("", "chengyun.governance.api"),
)

api = NinjaAPI(
    title="Chengyun 城运",
    version=chengyun.__version__,
    description="The open city operations platform: report → case → clock → number.",
    docs=Swagger({"persistAuthorization": False, "validatorUrl": None}),
    urls_namespace="api",
)


def _mount() -> None:
    api.add_router("", health)
    for prefix, path in ROUTERS:
        if find_spec(path) is not None:
            api.add_router(prefix, import_module(path).router)
    if find_spec("chengyun.core.problems") is not None:
        import_module("chengyun.core.problems").install_handlers(api)


_mount()
