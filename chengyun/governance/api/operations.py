"""One endpoint per operation of the flow: ``POST /api/cases/{id}/{operation}``.

They are made from one table, so that an operation cannot be reached in two ways; what each takes
is in ``schemas.step``, what it does in ``actions``.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from ninja import Router

from chengyun.core.http import actor_of, session_or_token
from chengyun.governance import actions
from chengyun.governance.api.cases import CaseId
from chengyun.governance.flow import ROWS, Operation
from chengyun.governance.models import Case
from chengyun.governance.schemas import step
from chengyun.governance.schemas.case import StepOut

router = Router(tags=["operations"], auth=session_or_token)


def _endpoint(operation: Operation, schema: type[step.StepIn]) -> Callable[..., StepOut]:
    perform: Callable[..., Case] = getattr(actions, operation.value)

    def view(request: HttpRequest, payload: Any, case_id: CaseId) -> StepOut:
        case = perform(actor=actor_of(request), case_id=case_id, **payload.model_dump())
        return StepOut.of(case)

    view.__annotations__["payload"] = schema
    view.__name__ = f"{operation.value}_case"
    return view


def _mount() -> None:
    for operation, rows in ROWS.items():
        if not rows:
            continue  # RECEIVE: its door is POST /api/reports
        posts = sorted({post.value for row in rows for post in row.who})
        router.post(
            f"/cases/{{case_id}}/{operation.value.replace('_', '-')}",
            response=StepOut,
            summary=f"{rows[0].zh} · {rows[0].en}",
            description=f"Posts: {', '.join(posts)}.",
            operation_id=f"{operation.value}_case",
        )(_endpoint(operation, step.form_of(operation)))


_mount()
