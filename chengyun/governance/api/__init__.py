"""HTTP of governance: thin. Each module holds one surface."""

from importlib import import_module
from importlib.util import find_spec

from ninja import Router

MODULES = ("reports", "cases", "operations", "export", "evaluation", "suggestions", "alarms")

router = Router()
for _name in MODULES:
    if find_spec(f"{__name__}.{_name}") is not None:
        router.add_router("", import_module(f"{__name__}.{_name}").router)
