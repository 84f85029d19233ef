"""Alarms from machines by signed webhook, and the administrators' register of their sources."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status
from ninja.security import APIKeyHeader
from pydantic import AwareDatetime, ConfigDict, model_validator

from chengyun.core.actor import Actor
from chengyun.core.http import actor_of, client_ip, request_id, requires
from chengyun.core.models import Role
from chengyun.core.problems import TooLarge
from chengyun.core.ratelimit import limit_local
from chengyun.governance.actions import alarm as actions
from chengyun.governance.models import AlarmSource

router = Router(tags=["alarms"])

BODY_LIMIT = 64 * 1024
_PER_MINUTE = 1200


class AlarmIn(Schema):
    """An alarm. `text` or at least `kind` says what is the matter."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(min_length=1, max_length=120, description="Unique in its source")]
    occurred_at: AwareDatetime
    text: Annotated[str, Field(max_length=4000)] = ""
    kind: Annotated[str, Field(max_length=120, description="The source's word for it")] = ""
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    system: Literal["cgcs2000", "wgs84", "gcj02", "bd09"] = "cgcs2000"
    severity: Literal["extreme", "severe", "moderate", "minor", "unknown"] = "unknown"
    matter: Annotated[str, Field(max_length=60, description="Code in the city's edition")] = ""
    component: Annotated[str, Field(max_length=60, description="Code of the component")] = ""
    channel: Literal["alarm", "video"] = "alarm"
    media_url: Annotated[str, Field(max_length=500, pattern=r"^(https?://\S+)?$")] = ""
    attributes: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _says_something(self) -> "AlarmIn":
        if not (self.text.strip() or self.kind.strip()):
            raise ValueError("give text or kind")
        return self


class AlarmOut(Schema):
    """The receipt. `created` is false when this alarm had come before."""

    report: str
    case: int
    created: bool


class SourceIn(Schema):
    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,60}$")]
    name: Annotated[str, Field(min_length=1, max_length=120)]
    matter: Annotated[str, Field(max_length=60, description="Class of its alarms")] = ""


class SourceChange(Schema):
    model_config = ConfigDict(extra="forbid")

    active: bool


class SourceOut(Schema):
    code: str
    name: str
    matter: str
    active: bool

    @staticmethod
    def resolve_matter(source: AlarmSource) -> str:
        return source.matter.code if source.matter else ""


class SecretOut(Schema):
    """A source with its new secret, which is shown this once."""

    source: SourceOut
    secret: str


class SignedAlarm(APIKeyHeader):
    """`X-Chengyun-Signature: sha256=…` over `X-Chengyun-Timestamp` + "." + body."""

    param_name = "X-Chengyun-Signature"

    def authenticate(self, request: HttpRequest, key: str | None) -> AlarmSource | None:
        if not key:
            return None
        # Before the body is read: neither size nor number is the sender's to choose.
        limit_local(f"alarm:{client_ip(request)}", _PER_MINUTE)
        if int(request.META.get("CONTENT_LENGTH") or 0) > BODY_LIMIT:
            raise TooLarge(
                zh=f"告警超过 {BODY_LIMIT} 字节。", en=f"The alarm exceeds {BODY_LIMIT} bytes."
            )
        assert request.resolver_match is not None
        return actions.authenticate_alarm(
            request.resolver_match.kwargs["source"],
            request.headers.get("X-Chengyun-Timestamp", ""),
            key,
            request.body,
        )


def _administrator(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    actor.require_role(Role.ADMINISTRATOR)
    return actor


@router.post(
    "/alarms/{source}",
    auth=SignedAlarm(),
    response={200: AlarmOut, 201: AlarmOut},
    summary="Raise an alarm (signed by its source)",
    openapi_extra={
        "parameters": [
            {
                "in": "header",
                "name": "X-Chengyun-Timestamp",
                "required": True,
                "schema": {"type": "string", "pattern": "^[0-9]{1,11}$"},
                "description": "Unix seconds at signing, at most 5 minutes off",
            }
        ]
    },
)
def raise_alarm(request: HttpRequest, source: str, alarm: AlarmIn) -> Status[dict[str, Any]]:
    receipt = actions.raise_alarm(
        source=request.auth,  # type: ignore[attr-defined]
        alarm=actions.Alarm(
            id=alarm.id,
            text=alarm.text.strip() or alarm.kind.strip(),
            occurred_at=alarm.occurred_at,
            lon=alarm.lon,
            lat=alarm.lat,
            system=alarm.system,
            severity=alarm.severity,
            matter=alarm.matter,
            component=alarm.component,
            video=alarm.channel == "video",
            media_url=alarm.media_url,
            attributes={**alarm.attributes, **({"kind": alarm.kind} if alarm.kind else {})},
        ),
        ip=client_ip(request),
        request_id=request_id(request),
    )
    content = {
        "report": receipt.report.number,
        "case": receipt.case.pk,
        "created": receipt.created,
    }
    return Status(201 if receipt.created else 200, content)


@router.get("/alarm-sources", auth=requires("admin"), response=list[SourceOut])
def list_sources(request: HttpRequest) -> Any:
    """Every registered source, without its secret."""
    _administrator(request)
    return AlarmSource.objects.select_related("matter").order_by("code")


@router.post("/alarm-sources", auth=requires("admin"), response={201: SecretOut})
def register_source(request: HttpRequest, source: SourceIn) -> Status[dict[str, Any]]:
    """Admit a machine. The answer holds its secret, this once."""
    made, secret = actions.register_alarm_source(
        actor=_administrator(request), code=source.code, name=source.name, matter=source.matter
    )
    return Status(201, {"source": made, "secret": secret})


@router.post("/alarm-sources/{code}/rotate", auth=requires("admin"), response=SecretOut)
def rotate_secret(request: HttpRequest, code: str) -> dict[str, Any]:
    """A new secret; the old one ends at once."""
    source, secret = actions.rotate_alarm_secret(actor=_administrator(request), code=code)
    return {"source": source, "secret": secret}


@router.patch("/alarm-sources/{code}", auth=requires("admin"), response=SourceOut)
def change_source(request: HttpRequest, code: str, change: SourceChange) -> AlarmSource:
    """Stop a source, or let it speak again."""
    return actions.set_alarm_source_active(
        actor=_administrator(request), code=code, active=change.active
    )
