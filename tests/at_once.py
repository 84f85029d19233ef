"""Many who do the same at the same moment, each by a connection of its own."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from django.db import connections

T = TypeVar("T")


def at_once(times: int, work: Callable[[], T]) -> list[T]:
    """What each of them got; raises what the first of those raised who failed."""
    start = Barrier(times)

    def one(_: int) -> T:
        start.wait()
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as people:
        return list(people.map(one, range(times)))
