from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Body, Path, Router, Status

from ..actions import delete_preference, save_preference
from ..http import actor_of, session_or_token
from ..models import Preference
from ..schemas import REFUSALS

router = Router(auth=session_or_token)

Key = Annotated[
    str,
    Path(pattern=r"^[a-z][a-z0-9._-]{0,59}$", description="e.g. cases.columns", max_length=60),
]


@router.get("/me/preferences", response={200: dict[str, Any], **REFUSALS})
def list_preferences(request: HttpRequest) -> dict[str, Any]:
    """My preferences by key: saved filters, chosen columns."""
    rows = Preference.objects.filter(user=actor_of(request).user_id).order_by("key")
    return dict(rows.values_list("key", "value"))


@router.put("/me/preferences/{key}", response={204: None, **REFUSALS})
def put_preference(
    request: HttpRequest, key: Key, value: Annotated[Any, Body(description="any JSON, ≤ 32 kB")]
) -> Status[None]:
    """Keep a preference of mine."""
    save_preference(actor=actor_of(request), key=key, value=value)
    return Status(204, None)


@router.delete("/me/preferences/{key}", response={204: None, **REFUSALS})
def remove_preference(request: HttpRequest, key: Key) -> Status[None]:
    """Forget a preference of mine."""
    delete_preference(actor=actor_of(request), key=key)
    return Status(204, None)
