"""HTTP of governance: thin. Each module holds one surface."""

from ninja import Router

from chengyun.governance.api import (
    alarms,
    cases,
    components,
    density,
    evaluation,
    export,
    field,
    operations,
    overview,
    presence,
    reports,
    suggestions,
    work,
)

router = Router()
for _surface in (
    reports,
    cases,
    components,
    work,
    presence,
    operations,
    export,
    evaluation,
    suggestions,
    alarms,
    overview,
    density,
    field,
):
    router.add_router("", _surface.router)
