"""The writes of Open311: one, a submission that becomes a report through governance's door."""

import secrets
from collections.abc import Sequence
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from chengyun.core.actions import store_image
from chengyun.core.actor import Actor
from chengyun.governance.actions import receive_report
from chengyun.governance.models import Channel, State
from chengyun.open311.faults import not_found
from chengyun.open311.keys import Key
from chengyun.open311.models import Open311Service, Open311Token
from chengyun.open311.queries.services import Service
from chengyun.open311.submission import Submission
from chengyun.open311.wire import Value


def submit(*, key: Key, submission: Submission, idempotency_key: str) -> dict[str, Value]:
    """Make the report; returns what the client may hold on to: an id, a token or nothing.

    Sent again under the same key it is the same report. Pictures that cannot be taken refuse
    the whole submission, so nothing is lost without a word.
    """
    chosen = submission.service
    attributes: dict[str, object] = {"open311": submission.answers}
    if len(submission.media_urls) > 1:
        attributes["media_urls"] = list(submission.media_urls)
    with transaction.atomic():
        receipt = receive_report(
            actor=key.actor,
            channel=Channel.OPEN311,
            source=f"open311:{key.prefix}",
            idempotency_key=idempotency_key,
            text=submission.description or chosen.matter.name_zh,
            lon=submission.lon,
            lat=submission.lat,
            system="wgs84",
            address=submission.address,
            matter_id=chosen.matter.id,
            contact=submission.contact or None,
            attachments=_stored(key.actor, submission.media),
            media_url=submission.media_urls[0] if submission.media_urls else "",
            attributes=attributes,
        )
        if chosen.kind == Open311Service.Kind.BATCH:
            token, _ = Open311Token.objects.get_or_create(
                report=receipt.report, defaults={"token": secrets.token_urlsafe(18)}
            )
            return {"token": token.token}
    if chosen.kind == Open311Service.Kind.BLACKBOX:
        return {}
    return {"service_request_id": str(receipt.case.pk)}


def request_id_of(token: str) -> str | None:
    """The request id behind a token; None until the centre has accepted the report.

    Raises a refusal when there is no such token.
    """
    row = Open311Token.objects.select_related("report__case").filter(token=token).first()
    if row is None:
        raise not_found("没有这个 token。", "There is no such token.", "token")
    case = row.report.case
    waiting = case.state in (State.REPORTED, State.PENDING_VERIFY)
    return None if waiting else str(case.pk)


def notice(chosen: Service, language: str) -> str | None:
    """A word to the reporter on what happens next."""
    if chosen.kind == Open311Service.Kind.BATCH:
        return (
            "The number is given when the report has been accepted; ask with the token."
            if language == "en"
            else "受理后给出编号，请凭 token 查询。"
        )
    return None


def _stored(actor: Actor, media: Sequence["UploadedFile[Any]"]) -> list[UUID]:
    return [
        store_image(
            actor=actor,
            content=cast("BinaryIO", file),
            declared_type=file.content_type or "",
            purpose="report",
        ).uuid
        for file in media
    ]
