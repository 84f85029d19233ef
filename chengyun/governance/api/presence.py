"""Who else has this case open now."""

from datetime import datetime

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from chengyun.core import presence
from chengyun.core.actor import Actor
from chengyun.core.http import actor_of, session_or_token
from chengyun.core.models import Presence, User
from chengyun.core.problems import not_found, sign_in_first
from chengyun.core.ratelimit import limit_local
from chengyun.governance.api.cases import CaseId
from chengyun.governance.queries import visible_cases

router = Router(tags=["cases"], auth=session_or_token)

#: A page tells every ten seconds that it is open; so many a minute are twenty pages of one person.
RATE = 120
CASE = "case"


class PresenceIn(Schema):
    model_config = ConfigDict(extra="forbid")

    doing: Presence.Doing


class OtherOut(Schema):
    """Somebody else at this case; ``id`` is the person's."""

    id: int
    name: str
    organisation_zh: str
    organisation_en: str
    doing: Presence.Doing
    since: datetime = Field(description="when they began to do this")


class Others(Schema):
    others: list[OtherOut]


@router.post(
    "/cases/{case_id}/presence", response=Others, summary="I have this case open; who else has?"
)
def be_present(request: HttpRequest, case_id: CaseId, payload: PresenceIn) -> Others:
    """To be told anew at least every 20 seconds: whoever was not heard of for 30 has left."""
    user = _at_case(actor_of(request), case_id)
    others = presence.arrive(user, CASE, case_id, payload.doing.value)
    return Others(others=[OtherOut.model_validate(other) for other in others])


@router.delete(
    "/cases/{case_id}/presence", response={204: None}, summary="I have closed this case's page"
)
def leave(request: HttpRequest, case_id: CaseId) -> Status[None]:
    presence.leave(_at_case(actor_of(request), case_id), CASE, case_id)
    return Status(204, None)


def _at_case(actor: Actor, case_id: int) -> User:
    """The person, who may see the case. Raises NotFound and TooMany."""
    if actor.user is None:
        raise sign_in_first()
    limit_local(f"presence:{actor.user_id}", RATE)
    if not visible_cases(actor.scope).filter(pk=case_id).exists():
        raise not_found()
    return actor.user
