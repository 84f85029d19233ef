"""What a process remembers of the catalogue, while several people write to it."""

import threading
from collections.abc import Callable, Iterator

import pytest
from django.db import connection, connections, transaction

from chengyun.city.models import Area
from chengyun.city.queries import catalogue
from tests.city.conftest import Folder

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def looked_at_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chengyun.city.snapshot.CHECK_EVERY_SECONDS", 0)


@pytest.fixture
def commit(loaded: Folder) -> Iterator[Callable[[], None]]:
    """Somebody has renamed the first community, and commits it by this."""
    written, finish = threading.Event(), threading.Event()

    def rename() -> None:
        with transaction.atomic():
            Area.objects.filter(pk=communities()[0]).update(name_en="first")
            written.set()
            finish.wait(60)
        connections.close_all()

    writer = threading.Thread(target=rename)
    writer.start()
    assert written.wait(60)

    def commit() -> None:
        finish.set()
        writer.join()

    yield commit
    commit()


def communities() -> list[int]:
    found = Area.objects.filter(level="community").order_by("code")
    return list(found.values_list("pk", flat=True))


def names() -> list[str]:
    return [catalogue().areas[pk].name_en for pk in communities()[:2]]


def test_who_changes_an_area_waits_for_nobody_and_every_commit_shows(
    commit: Callable[[], None],
) -> None:
    before = names()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '10s'")
        Area.objects.filter(pk=communities()[1]).update(name_en="second")
    assert names() == [before[0], "second"]
    commit()
    assert names() == ["first", "second"]
