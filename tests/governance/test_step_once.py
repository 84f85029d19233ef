"""A step that is sent again, because its answer was lost on the way, is done once."""

import json
import uuid
from typing import Any

import pytest

from chengyun.core.models import DomainEvent
from tests.governance.conftest import Desk

pytestmark = pytest.mark.django_db


def send(desk: Desk, case_id: int, operation: str, key: str, **body: Any) -> tuple[int, Any]:
    answer = desk.client.post(
        f"/api/cases/{case_id}/{operation}",
        json.dumps(body),
        content_type="application/json",
        HTTP_AUTHORIZATION=f"Bearer {desk.token}",
        HTTP_IDEMPOTENCY_KEY=key,
    )
    return answer.status_code, answer.json()


def test_the_repetition_gets_the_first_answer(hall: Any) -> None:
    case_id = hall.pending_check()
    version = hall.case(case_id).version
    key = str(uuid.uuid4())
    first = send(hall.collector, case_id, "pass-check", key, version=version, opinion="已修复")
    again = send(hall.collector, case_id, "pass-check", key, version=version, opinion="已修复")
    assert first == again
    assert first[0] == 200
    case = hall.case(case_id)
    assert case.version == version + 1
    assert case.records.filter(operation="pass_check").count() == 1
    events = DomainEvent.objects.filter(kind="governance.case.pass_check", subject_id=str(case_id))
    assert events.count() == 1


def test_another_step_under_the_same_key_is_refused(hall: Any) -> None:
    case_id = hall.handling()
    key = str(uuid.uuid4())
    assert send(hall.department, case_id, "annotate", key, opinion="已到现场")[0] == 200
    status, problem = send(hall.department, case_id, "annotate", key, opinion="换一句话")
    assert (status, problem["type"]) == (422, "urn:chengyun:problem:idempotency-key-reused")
    assert hall.case(case_id).records.filter(operation="annotate").count() == 1


def test_a_refused_step_may_be_sent_again_under_its_key(hall: Any) -> None:
    """A conflict leaves nothing behind: the key is free for the same content later."""
    case_id = hall.pending_feedback()
    key = str(uuid.uuid4())
    assert send(hall.collector, case_id, "pass-check", key, opinion="好")[0] == 409
    hall.dispatcher.do("forward", case_id)
    assert send(hall.collector, case_id, "pass-check", key, opinion="好")[0] == 200


def test_a_key_is_the_sender_s_own(hall: Any) -> None:
    case_id = hall.handling()
    key = str(uuid.uuid4())
    assert send(hall.department, case_id, "annotate", key, opinion="同一句")[0] == 200
    assert send(hall.dispatcher, case_id, "annotate", key, opinion="同一句")[0] == 200
    assert hall.case(case_id).records.filter(operation="annotate").count() == 2
