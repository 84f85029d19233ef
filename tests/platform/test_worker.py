"""Background work that was cut off is done again."""

import asyncio
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django import app, django_connector

from chengyun.server.worker import rescue

pytestmark = pytest.mark.django_db(transaction=True)


def _cut_off_job(heartbeat: str) -> int:
    """A job in the middle of which its worker, last heard of ``heartbeat`` ago, vanished."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s::interval)"
            " RETURNING id",
            [heartbeat],
        )
        worker = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, worker_id)"
            " VALUES ('default', 'chengyun.test', '{}', 'doing', %s) RETURNING id",
            [worker],
        )
        return int(cursor.fetchone()[0])


def _status(job: int) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM procrastinate_jobs WHERE id = %s", [job])
        return cursor.fetchone()[0]


def _rescue() -> int:
    async def run() -> int:
        assert isinstance(app.connector, django_connector.DjangoConnector)
        with app.replace_connector(app.connector.get_worker_connector()) as current:
            async with current.open_async():
                return await rescue(current)

    return asyncio.run(run())


def test_a_job_of_a_dead_worker_is_queued_again() -> None:
    dead, living = _cut_off_job("5 minutes"), _cut_off_job("1 second")
    assert _rescue() == 1
    assert (_status(dead), _status(living)) == ("todo", "doing")
    assert _rescue() == 0
