"""Machines that raise alarms: registered with a secret of their own, heard only when signed.

The signature is HMAC-SHA256 over ``timestamp + "." + body`` under the source's secret, so that a
recorded message can be sent again neither changed nor later; sent again within its five minutes
it is the same alarm by its id.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from chengyun.city.models import Matter
from chengyun.city.queries import catalogue
from chengyun.core import audit, clock
from chengyun.core.actor import Actor
from chengyun.core.encryption import decrypt, encrypt
from chengyun.core.models import Role
from chengyun.core.problems import Conflict, Invalid, NotFound, Unauthenticated
from chengyun.governance.actions.receive import Receipt, receive_report
from chengyun.governance.models import AlarmSource, Channel

WINDOW = timedelta(minutes=5)
#: Severities of the Common Alerting Protocol; the first two make an urgent case.
SEVERITIES = ("extreme", "severe", "moderate", "minor", "unknown")
_URGENT = frozenset(SEVERITIES[:2])


@dataclass(frozen=True)
class Alarm:
    """One alarm in the words of its source. Coordinates are degrees in ``system``."""

    id: str
    text: str
    occurred_at: datetime
    lon: float | None = None
    lat: float | None = None
    system: str = "cgcs2000"
    severity: str = "unknown"
    matter: str = ""
    component: str = ""
    video: bool = False
    media_url: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)


def sign_alarm(secret: str, timestamp: str, body: bytes) -> str:
    """The value of the signature header: ``sha256=`` and the hexadecimal digest."""
    signed = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def authenticate_alarm(code: str, timestamp: str, signature: str, body: bytes) -> AlarmSource:
    """The active source that signed this body just now. Raises Unauthenticated.

    An unknown source, a stopped one and a wrong signature are one answer: nobody learns from
    outside which sources there are.
    """
    source = AlarmSource.objects.select_related("matter").filter(code=code, active=True).first()
    secret = decrypt(source.secret_encrypted) if source else secrets.token_hex(32)
    right = hmac.compare_digest(
        sign_alarm(secret, timestamp, body).encode(), signature.encode("utf-8", "replace")
    )
    if source is None or not right:
        raise Unauthenticated(
            zh="告警源未登记、已停用，或签名不符。",
            en="The alarm source is unknown or stopped, or the signature is wrong.",
            remedy_zh="请按文档对“时间戳.正文”签名，并核对密钥。",
            remedy_en='Sign "timestamp.body" as documented, and check the secret.',
        )
    if not _is_fresh(timestamp):
        raise Unauthenticated(
            zh="签名的时间戳与服务器时间相差超过 5 分钟。",
            en="The timestamp of the signature is more than 5 minutes off the server's clock.",
            field="X-Chengyun-Timestamp",
            remedy_zh="请校准设备时钟，并在每次发送时重新签名。",
            remedy_en="Set the device's clock, and sign anew for every sending.",
        )
    return source


def _is_fresh(timestamp: str) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 11):
        return False
    return abs(clock.now() - datetime.fromtimestamp(int(timestamp), UTC)) <= WINDOW


def raise_alarm(*, source: AlarmSource, alarm: Alarm, ip: str | None, request_id: str) -> Receipt:
    """Make the alarm a report; the same id of the same source is the same report.

    Not public: what a machine says, or a camera shows, is published by nobody unseen.
    """
    now = clock.now()
    occurred_at = alarm.occurred_at
    if now < occurred_at <= now + WINDOW:
        occurred_at = now  # the device's clock is a little fast
    actor = Actor(
        user=None, label=f"告警源 {source.name}", role="machine", ip=ip, request_id=request_id
    )
    return receive_report(
        actor=actor,
        channel=Channel.VIDEO if alarm.video else Channel.ALARM,
        text=alarm.text,
        reported_at=occurred_at,
        lon=alarm.lon,
        lat=alarm.lat,
        system=alarm.system,
        matter_id=_matter_id(alarm.matter) if alarm.matter else source.matter_id,
        component_code=alarm.component,
        source=f"alarm:{source.code}",
        external_id=alarm.id,
        media_url=alarm.media_url,
        attributes={"severity": alarm.severity, **alarm.attributes},
        urgency="urgent" if alarm.severity in _URGENT else "normal",
        public=False,
    )


def _matter_id(code: str) -> int:
    """The matter by its code in the city's edition, or by its full token. Raises Invalid."""
    known = catalogue()
    token = code if ":" in code else f"{known.default_edition.code}:{code}"
    matter = known.matter_of.get(token)
    if matter is None:
        raise Invalid(zh=f"没有事项 {code}。", en=f"There is no matter {code}.", field="matter")
    return matter.id


@transaction.atomic
def register_alarm_source(
    *, actor: Actor, code: str, name: str, matter: str = ""
) -> tuple[AlarmSource, str]:
    """Admit a machine; returns it and its secret, which is shown this once."""
    _require_administrator(actor)
    secret = _new_secret()
    try:
        with transaction.atomic():
            source = AlarmSource.objects.create(
                code=code,
                name=name,
                secret_encrypted=encrypt(secret),
                matter=Matter.objects.get(pk=_matter_id(matter)) if matter else None,
            )
    except IntegrityError as error:
        raise Conflict(
            zh=f"告警源 {code} 已登记。",
            en=f"The alarm source {code} is registered already.",
            field="code",
            remedy_zh="请换一个编码，或为其更换密钥。",
            remedy_en="Choose another code, or rotate its secret.",
        ) from error
    _record(actor, source, "register", "登记告警源", "registered the alarm source")
    return source, secret


@transaction.atomic
def rotate_alarm_secret(*, actor: Actor, code: str) -> tuple[AlarmSource, str]:
    """Give a source a new secret; the old one ends at once. The new one is shown this once."""
    _require_administrator(actor)
    source = _locked(code)
    secret = _new_secret()
    source.secret_encrypted = encrypt(secret)
    source.save(update_fields=["secret_encrypted"])
    _record(actor, source, "rotate", "更换告警源密钥", "rotated the secret of the alarm source")
    return source, secret


@transaction.atomic
def set_alarm_source_active(*, actor: Actor, code: str, active: bool) -> AlarmSource:
    """Stop a source, or let it speak again. Doing it twice is doing it once."""
    _require_administrator(actor)
    source = _locked(code)
    if source.active != active:
        source.active = active
        source.save(update_fields=["active"])
        if active:
            _record(actor, source, "enable", "启用告警源", "enabled the alarm source")
        else:
            _record(actor, source, "disable", "停用告警源", "disabled the alarm source")
    return source


def _require_administrator(actor: Actor) -> None:
    if actor.role != "system":
        actor.require_role(Role.ADMINISTRATOR)


def _locked(code: str) -> AlarmSource:
    source = AlarmSource.objects.select_for_update(of=("self",)).filter(code=code).first()
    if source is None:
        raise NotFound(zh=f"没有告警源 {code}。", en=f"There is no alarm source {code}.")
    return source


def _new_secret() -> str:
    return secrets.token_urlsafe(32)


def _record(actor: Actor, source: AlarmSource, verb: str, zh: str, en: str) -> None:
    audit.record(
        actor=actor,
        action=f"governance.alarm_source.{verb}",
        object_type="governance.alarmsource",
        object_id=source.code,
        zh=f"{actor.label} {zh} {source.name}（{source.code}）",
        en=f"{actor.label} {en} {source.name} ({source.code})",
        after={"active": source.active},
    )
