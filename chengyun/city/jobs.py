"""Background work of the city. Every job may run twice at once, or be killed and run again."""

from procrastinate.contrib.django import app

from chengyun.city import inventory
from chengyun.city.tiles.cells import fold_cells


@app.periodic(cron="23 * * * *")
@app.task(queueing_lock="city.fold_counts", pass_context=False)
def fold_counts(timestamp: int = 0) -> None:
    """Keep the counts of components short; changes no number."""
    inventory.fold_counts()
    fold_cells()


@app.task(queueing_lock="city.rebuild_counts", pass_context=False)
def rebuild_counts() -> None:
    """Count the inventory anew; for after work on the tables by hand."""
    inventory.rebuild_counts()
