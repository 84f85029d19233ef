"""Updates of requests in time order: the channel that FixMyStreet follows for its reporters."""

from datetime import datetime, timedelta

from django.db.models import F

from chengyun.governance.models import CaseRecord, State
from chengyun.open311.queries.requests import CLOSED_STATES, OPEN_STATES, state_name
from chengyun.open311.wire import Value

#: The word of that channel for each state.
UPDATE_STATUS: dict[State, str] = {
    State.REPORTED: "OPEN",
    State.PENDING_VERIFY: "INVESTIGATING",
    State.PENDING_FILE: "INVESTIGATING",
    State.PENDING_DISPATCH: "INVESTIGATING",
    State.PENDING_HANDLE: "ACTION_SCHEDULED",
    State.HANDLING: "IN_PROGRESS",
    State.PENDING_FEEDBACK: "IN_PROGRESS",
    State.PENDING_CHECK: "IN_PROGRESS",
    State.PENDING_CLOSE: "IN_PROGRESS",
    State.SUSPENDED: "ACTION_SCHEDULED",
    State.DEFERRED: "ACTION_SCHEDULED",
    State.CLOSED: "FIXED",
    State.NOT_ACCEPTED: "NO_FURTHER_ACTION",
    State.VOIDED: "NO_FURTHER_ACTION",
    State.MERGED: "DUPLICATE",
}


def find_updates(start: datetime, end: datetime, page: int, page_size: int) -> list[CaseRecord]:
    """Steps of public cases within [start, end] that changed what the public is told."""
    first = (page - 1) * page_size
    return list(
        CaseRecord.objects.filter(
            at__gte=start,
            at__lt=end + timedelta(seconds=1),
            case__public=True,
            case__matter__isnull=False,
        )
        .exclude(from_state="")
        .exclude(from_state=F("to_state"))
        .order_by("at", "id")[first : first + page_size]
    )


def update_item(step: CaseRecord, language: str) -> dict[str, Value]:
    """One `request_update`: never the opinion of an official, only where the request stands."""
    reopened = step.from_state in CLOSED_STATES and step.to_state in OPEN_STATES
    return {
        "update_id": str(step.pk),
        "service_request_id": str(step.case_id),
        "status": "REOPEN" if reopened else UPDATE_STATUS[State(step.to_state)],
        "updated_datetime": step.at,
        "description": state_name(step.to_state, language),
        "media_url": None,
    }
