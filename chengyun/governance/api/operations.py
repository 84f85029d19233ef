"""One endpoint per operation of the flow: ``POST /api/cases/{id}/{operation}``.

They are made from one table, so that an operation cannot be reached in two ways; what each takes
is in ``schemas.step``, what it does in ``actions``. A phone in the street may lose the answer: with
an ``Idempotency-Key`` the same step is done once, and its repetition gets the answer of then.
"""

from collections.abc import Callable
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Header, Router

from chengyun.core.http import actor_of, session_or_token
from chengyun.core.idempotency import run_once
from chengyun.governance import actions
from chengyun.governance.api.cases import CaseId
from chengyun.governance.flow import ROWS, Operation
from chengyun.governance.models import Case
from chengyun.governance.schemas import step
from chengyun.governance.schemas.case import StepOut

router = Router(tags=["operations"], auth=session_or_token)


def _endpoint(operation: Operation, schema: type[step.StepIn]) -> Callable[..., StepOut]:
    perform: Callable[..., Case] = getattr(actions, operation.value)

    def view(
        request: HttpRequest,
        payload: Any,
        case_id: CaseId,
        idempotency_key: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
    ) -> StepOut:
        actor = actor_of(request)

        def work() -> tuple[int, Any]:
            case = perform(actor=actor, case_id=case_id, **payload.model_dump())
            return 200, StepOut.of(case).model_dump(mode="json")

        if idempotency_key is None:
            return StepOut(**work()[1])
        answer = run_once(
            scope=f"{operation.value}:{case_id}:{actor.user_id}",
            key=idempotency_key,
            content=payload.model_dump(mode="json"),
            work=work,
        )
        return StepOut(**answer.body)

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
