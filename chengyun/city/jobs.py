"""Background work of the city. Every job may run twice at once, or be killed and run again."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from procrastinate.contrib.django import app

from chengyun.city import inventory
from chengyun.city.actions import surveys
from chengyun.city.actions.grids import follow_grids
from chengyun.city.models import Survey
from chengyun.city.tiles.cells import fold_cells
from chengyun.core.actor import Actor
from chengyun.core.models import User

_SURVEYS = 4490


@app.periodic(cron="23 * * * *")
@app.task(queueing_lock="city.fold_counts", pass_context=False)
def fold_counts(timestamp: int = 0) -> None:
    """Keep the counts of components short; changes no number."""
    inventory.fold_counts()
    fold_cells()


@app.task(pass_context=False)
def read_survey(survey_id: int) -> None:
    """Read the file of a survey that was uploaded, behind the row where it stands."""
    with one_at_a_time(survey_id) as survey:
        if survey is not None and survey.state == Survey.State.READING:
            surveys.read_upload(survey)


@app.task(pass_context=False)
def apply_survey(survey_id: int, user_id: int | None, force: bool) -> None:
    """Apply a survey that is too large to wait for, as whoever asked for it."""
    rows = User.objects.filter(is_active=True)
    user = rows.filter(pk=user_id).first() if user_id is not None else None
    with one_at_a_time(survey_id) as survey:
        if user is not None and survey is not None and survey.state == Survey.State.REVIEW:
            surveys.apply_survey(actor=Actor.of(user), survey=survey, force=force)


@contextmanager
def one_at_a_time(survey_id: int) -> Iterator[Survey | None]:
    """A survey that nobody else reads or applies meanwhile; None where somebody does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_SURVEYS, survey_id])
        (held,) = cursor.fetchone()
        try:
            yield Survey.objects.filter(pk=survey_id).first() if held else None
        finally:
            if held:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_SURVEYS, survey_id])


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="city.new_grids", pass_context=False)
def new_grids(timestamp: int = 0) -> None:
    """On the day on which a grid gives way to others, what stands in it goes to them."""
    follow_grids(actor=Actor.system("unit grids"))


@app.task(queueing_lock="city.rebuild_counts", pass_context=False)
def rebuild_counts() -> None:
    """Count the inventory anew; for after work on the tables by hand."""
    inventory.rebuild_counts()
