"""Timers of governance. Every job is idempotent and safe with two workers: rows are claimed
with SKIP LOCKED or changed by one conditional UPDATE."""

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from chengyun.core import clock, events
from chengyun.core.actor import Actor
from chengyun.core.models import Contact
from chengyun.core.problems import Problem
from chengyun.governance.actions import resume
from chengyun.governance.actions.patrol import erase_old_tracks
from chengyun.governance.models import OPEN, Case, Report, VisitBack
from chengyun.governance.notices import ask_for_rating

log = logging.getLogger(__name__)

BATCH = 500
YELLOW, RED = 1, 2
#: A reporter who never answers is not counted in the rates after this time.
VISIT_OVER = timedelta(days=15)
_OPEN = sorted(state.value for state in OPEN)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="governance.warn", lock="governance.warn", pass_context=False)
def warn(timestamp: int = 0) -> int:
    """Turn stages yellow and red, and tell whoever watches."""
    return warn_late(RED) + warn_late(YELLOW)


def warn_late(level: int) -> int:
    """Mark every open stage that reached the level; returns how many were marked."""
    marked = 0
    column = "stage_due_at" if level == RED else "stage_warn_at"
    while True:
        with transaction.atomic():
            # Index: case_open_warn (stage_warn_at) or case_open_due (stage_due_at).
            late = list(
                Case.objects.select_for_update(skip_locked=True)
                .filter(
                    state__in=_OPEN,
                    paused_since=None,
                    warned__lt=level,
                    **{f"{column}__lte": clock.now()},
                )
                .only(
                    "id", "number", "state", "stage", "scope_areas", "scope_orgs", "scope_matters"
                )
                .order_by(column)[:BATCH]
            )
            Case.objects.filter(pk__in=[case.pk for case in late]).update(warned=level)
            name = "overdue" if level == RED else "warning"
            events.emit_many(
                [
                    events.event(
                        kind=f"governance.case.{name}",
                        subject_type="case",
                        subject_id=case.pk,
                        payload={"number": case.number, "state": case.state, "stage": case.stage},
                        scope=(case.scope_areas, case.scope_orgs, case.scope_matters),
                    )
                    for case in late
                ]
            )
        marked += len(late)
        if len(late) < BATCH:
            return marked


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="governance.wake", lock="governance.wake", pass_context=False)
def wake(timestamp: int = 0) -> int:
    """Suspended and deferred cases whose date has come go on by themselves."""
    return wake_due()


def wake_due() -> int:
    """Resume every case whose pause is over; returns how many."""
    # Index: case_wake.
    due = Case.objects.filter(paused_since__isnull=False, paused_until__lte=clock.now())
    woken = 0
    for case_id in list(due.order_by("paused_until").values_list("pk", flat=True)):
        try:
            resume(
                actor=Actor.system("timer 定时器"),
                case_id=case_id,
                opinion="到期自动恢复（woke up）",
            )
            woken += 1
        except Problem as problem:
            log.info("case %s was not woken: %s", case_id, problem)
    return woken


@app.periodic(cron="7 2 * * *")
@app.task(queueing_lock="governance.keep_contacts", pass_context=False)
def keep_contacts(timestamp: int = 0) -> int:
    """The retention of a contact is counted from the closing of its case, not from the report."""
    return keep_contacts_of_open_cases()


def keep_contacts_of_open_cases() -> int:
    """Move the day of erasure of every contact whose case is open; returns how many moved."""
    last_day = timezone.localdate(clock.now()) + timedelta(
        days=settings.CHENGYUN.contact_retention_days
    )
    return Contact.objects.filter(
        pk__in=Report.objects.filter(case__state__in=_OPEN, contact__isnull=False).values(
            "contact"
        ),
        erased_at=None,
        erase_after__lt=last_day,
    ).update(erase_after=last_day)


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="governance.visits", lock="governance.visits", pass_context=False)
def visits(timestamp: int = 0) -> int:
    """Ask reporters for their rating when the visit back is due; give up after a while."""
    return ask_visits() + end_visits()


def ask_visits() -> int:
    """One message for every visit that is due and was not asked for yet; returns how many."""
    asked = 0
    while True:
        with transaction.atomic():
            # Index: visit_open_due.
            due = list(
                VisitBack.objects.select_for_update(skip_locked=True, of=("self",))
                .select_related("report__contact", "report__case")
                .filter(done_at=None, asked_at=None, due_at__lte=clock.now())
                .order_by("due_at")[:BATCH]
            )
            for visit in due:
                ask_for_rating(visit.report)
            VisitBack.objects.filter(pk__in=[visit.pk for visit in due]).update(
                asked_at=clock.now()
            )
        asked += len(due)
        if len(due) < BATCH:
            return asked


def end_visits() -> int:
    """Visits nobody could make: done, not reached, so no rate counts them."""
    now = clock.now()
    return VisitBack.objects.filter(done_at=None, due_at__lte=now - VISIT_OVER).update(
        done_at=now, reached=False
    )


@app.periodic(cron="31 2 * * *")
@app.task(queueing_lock="governance.erase_tracks", pass_context=False)
def erase_tracks(timestamp: int = 0) -> int:
    """Where people were is kept for `CHENGYUN_PATROL_RETENTION_DAYS` only."""
    return erase_old_tracks()
