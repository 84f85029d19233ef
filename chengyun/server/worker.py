"""One background worker: procrastinate's, plus the rescue of jobs whose worker was killed."""

import asyncio
import contextlib
import logging

from procrastinate import App
from procrastinate.contrib.django import app, django_connector

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 10.0
RESCUE_SECONDS = 30.0


async def rescue(current: App) -> int:
    """Queue again every job that a dead worker left in the middle; how many there were.

    Every job is idempotent, so running one a second time does no harm; leaving it would hold its
    lock for ever.
    """
    stalled = list(
        await current.job_manager.get_stalled_jobs(seconds_since_heartbeat=HEARTBEAT_SECONDS * 4)
    )
    for job in stalled:
        await current.job_manager.retry_job(job)
        log.warning("job %s (%s) was left by a dead worker; queued again", job.id, job.task_name)
    return len(stalled)


async def _keep_rescuing(current: App) -> None:
    while True:
        try:
            await rescue(current)
        except Exception:
            log.exception("left jobs could not be looked for; tried again later")
        await asyncio.sleep(RESCUE_SECONDS)


async def _work(current: App, name: str, concurrency: int) -> None:
    async with current.open_async():
        rescuer = asyncio.create_task(_keep_rescuing(current))
        try:
            await current.run_worker_async(
                name=name,
                concurrency=concurrency,
                delete_jobs="successful",
                shutdown_graceful_timeout=10,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
            )
        finally:
            rescuer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await rescuer


def work(name: str, concurrency: int) -> None:
    """Run jobs until SIGTERM or SIGINT; the job in hand is finished first."""
    connector = app.connector
    assert isinstance(connector, django_connector.DjangoConnector)
    with app.replace_connector(connector.get_worker_connector()) as current:
        asyncio.run(_work(current, name, concurrency))
