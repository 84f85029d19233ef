"""HTTP of governance: thin. Each module holds one surface."""

from ninja import Router

from chengyun.governance.api import (
    alarms,
    cases,
    evaluation,
    export,
    field,
    operations,
    overview,
    reports,
    suggestions,
)

router = Router()
for _surface in (
    reports,
    cases,
    operations,
    export,
    evaluation,
    suggestions,
    alarms,
    overview,
    field,
):
    router.add_router("", _surface.router)
