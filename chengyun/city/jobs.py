"""Background work of the city. Every job may run twice at once, or be killed and run again."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Model
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from chengyun.city import inventory
from chengyun.city.actions import fillings, surveys
from chengyun.city.actions.grids import follow_grids
from chengyun.city.layers.queries import OPEN, files_of_fillings, left_fillings
from chengyun.city.models import LayerFilling, Survey
from chengyun.city.survey import uploads
from chengyun.city.survey.queries import files_of_surveys
from chengyun.city.tiles.cells import fold_cells
from chengyun.core.actor import Actor
from chengyun.core.models import User

# By what is worked at: the first number of its lock.
_LOCKS: dict[type[Model], int] = {Survey: 4490, LayerFilling: 4491}
Row = TypeVar("Row", bound=Model)


@app.periodic(cron="23 * * * *")
@app.task(queueing_lock="city.fold_counts", pass_context=False)
def fold_counts(timestamp: int = 0) -> None:
    """Keep the counts of components short; changes no number."""
    inventory.fold_counts()
    fold_cells()


@app.task(pass_context=False)
def read_survey(survey_id: int) -> None:
    """Read the file of a survey that was uploaded, behind the row where it stands."""
    with one_at_a_time(Survey, survey_id) as survey:
        if survey is not None and survey.state == Survey.State.READING:
            surveys.read_upload(survey)


@app.task(pass_context=False)
def apply_survey(survey_id: int, user_id: int | None, force: bool) -> None:
    """Apply a survey that is too large to wait for, as whoever asked for it."""
    rows = User.objects.filter(is_active=True)
    user = rows.filter(pk=user_id).first() if user_id is not None else None
    with one_at_a_time(Survey, survey_id) as survey:
        if user is not None and survey is not None and survey.state == Survey.State.REVIEW:
            surveys.apply_survey(actor=Actor.of(user), survey=survey, force=force)


@app.task(pass_context=False)
def fill_layer(filling_id: int) -> None:
    """Fill a layer from the file that waits for it; begun anew where it was killed."""
    with one_at_a_time(LayerFilling, filling_id) as filling:
        if filling is not None and filling.state in OPEN:
            fillings.run_filling(filling)


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="city.sweep_uploads", pass_context=False)
def sweep_uploads(timestamp: int = 0) -> None:
    """Send again for fillings whose job was lost; delete files that nobody waits for any more, and
    what killed processes left on this machine."""
    for filling_id in left_fillings():
        with suppress(AlreadyEnqueued), transaction.atomic():
            fill_layer.configure(queueing_lock=f"city.fill_layer.{filling_id}").defer(
                filling_id=filling_id
            )
    uploads.sweep(fillings.PLACE, files_of_fillings())
    uploads.sweep(surveys.PLACE, files_of_surveys())
    uploads.sweep_folders()


@contextmanager
def one_at_a_time(model: type[Row], key: int) -> Iterator[Row | None]:
    """A row of work that nobody else does meanwhile; None where somebody does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCKS[model], key])
        (held,) = cursor.fetchone()
        try:
            yield model._default_manager.filter(pk=key).first() if held else None
        finally:
            if held:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCKS[model], key])


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="city.new_grids", pass_context=False)
def new_grids(timestamp: int = 0) -> None:
    """On the day on which a grid gives way to others, what stands in it goes to them."""
    follow_grids(actor=Actor.system("unit grids"))


@app.task(queueing_lock="city.rebuild_counts", pass_context=False)
def rebuild_counts() -> None:
    """Count the inventory anew; for after work on the tables by hand."""
    inventory.rebuild_counts()
