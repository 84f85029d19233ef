"""Background work of the city. Every job may run twice at once, or be killed and run again."""

from procrastinate.contrib.django import app

from chengyun.city import inventory
from chengyun.city.actions.grids import follow_grids
from chengyun.city.tiles.cells import fold_cells
from chengyun.core.actor import Actor


@app.periodic(cron="23 * * * *")
@app.task(queueing_lock="city.fold_counts", pass_context=False)
def fold_counts(timestamp: int = 0) -> None:
    """Keep the counts of components short; changes no number."""
    inventory.fold_counts()
    fold_cells()


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="city.new_grids", pass_context=False)
def new_grids(timestamp: int = 0) -> None:
    """On the day on which a grid gives way to others, what stands in it goes to them."""
    follow_grids(actor=Actor.system("unit grids"))


@app.task(queueing_lock="city.rebuild_counts", pass_context=False)
def rebuild_counts() -> None:
    """Count the inventory anew; for after work on the tables by hand."""
    inventory.rebuild_counts()
