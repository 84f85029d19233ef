"""What is remembered of tiles, and what happens when the database is slow, gone or cut off."""

import asyncio
import threading
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, connections, transaction

from chengyun.city.models import Area, Component
from chengyun.city.tiles import Layer, Part, Question, service
from chengyun.city.tiles.registry import REGISTER
from tests.city.test_tiles import CITY, address, changes_show_at_once, key, many
from tests.map_client import Map, asked, run

__all__ = ["changes_show_at_once"]

pytestmark = pytest.mark.django_db(transaction=True)

# -- remembering ---------------------------------------------------------------------------------


def test_an_unchanged_tile_is_neither_sent_nor_read_again(loaded, monkeypatch) -> None:
    async def scene() -> None:
        reader = Map()
        first = await reader.get(address("areas", 13))
        with asked(monkeypatch) as statements:
            again = await reader.get(address("areas", 13), {"If-None-Match": first.headers["etag"]})
            other = await reader.get(address("areas", 13), {"If-None-Match": '"x", W/"y"'})
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert other.body == first.body
        assert all("city_tileversion" in sql for sql in statements), statements

    run(scene)


def test_a_tile_is_packed_for_those_who_can_unpack_it(loaded) -> None:
    many(500)
    reader = Map(key())

    async def scene() -> None:
        path, both = address("components", 14), {"Accept-Encoding": "gzip;q=0.8, br"}
        packed = await reader.get(path, both)
        plain = await reader.get(path)
        assert packed.headers["content-encoding"] == "gzip"
        assert "content-encoding" not in plain.headers
        assert packed.raw == plain.body
        assert len(packed.body) < len(plain.body) / 2
        # What is asked for again is worth the time that a smaller one takes.
        again = await asyncio.gather(*(reader.get(path, both) for _ in range(3)))
        assert {answer.headers["content-encoding"] for answer in again} == {"br"}
        assert {answer.raw for answer in again} == {plain.body}
        assert len(again[0].body) < len(packed.body)
        other = await reader.get(path, {"Accept-Encoding": "gzip"})
        assert other.body == packed.body
        assert {each.headers["etag"] for each in (packed, plain, other, *again)} == {
            plain.headers["etag"]
        }
        never = await reader.get(path, {"Accept-Encoding": "gzip;q=0, br;q=0.0"})
        assert "content-encoding" not in never.headers
        assert never.body == plain.body
        only = await reader.get(path, {"Accept-Encoding": "identity;q=0, gzip"})
        assert only.headers["content-encoding"] == "gzip"
        none = await reader.get(path, {"Accept-Encoding": "*;q=0", "Accept-Language": "en"})
        assert none.status == 406
        assert "Allow gzip or identity" in none.raw.decode()
        for answer in (packed, plain, *again):
            assert int(answer.headers["content-length"]) == len(answer.body)
            assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"

    run(scene)


def test_a_change_shows_at_the_next_question_whoever_makes_it(loaded) -> None:
    reader = Map(key())

    async def names() -> set[str]:
        drawn = await reader.around("areas", "areas_label", 13, CITY)
        return {each["properties"]["name_zh"] for _, _, each in drawn}

    async def scene() -> None:
        assert "新名" not in await names()
        await sync_to_async(Area.objects.filter(code="370202001001").update)(name_zh="新名")
        assert "新名" in await names()
        for path, table in (
            (address("addresses", 17), "city_address"),
            (address("components", 17), "city_component"),
            (address("unit_grids", 16), "city_unitgrid"),
        ):
            assert (await reader.get(path)).status == 200
            await sync_to_async(empty)(table)
            assert (await reader.get(path)).status == 204, table

    def empty(table: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {table} CASCADE")

    run(scene)


def test_what_is_not_committed_is_neither_shown_nor_remembered(loaded) -> None:
    """The version moves with the data, not before: a tile read in between does not stay."""
    written, finish = threading.Event(), threading.Event()
    first, second = Component.objects.order_by("code").values_list("pk", flat=True)
    reader = Map(key())

    def slow() -> None:
        with transaction.atomic():
            Component.objects.filter(pk=first).update(state="damaged")
            written.set()
            finish.wait(60)
        connections.close_all()

    async def damaged() -> set[int]:
        drawn = await reader.around("components", "components", 17, CITY)
        return {each["id"] for _, _, each in drawn if each["properties"]["state"] == "damaged"}

    async def scene() -> None:
        writer = threading.Thread(target=slow)
        writer.start()
        await asyncio.to_thread(written.wait, 10)
        assert await damaged() == set()
        # Somebody else commits in the meantime, without waiting for the first.
        await sync_to_async(Component.objects.filter(pk=second).update)(state="damaged")
        assert await damaged() == {second}
        finish.set()
        await asyncio.to_thread(writer.join)
        assert await damaged() == {first, second}

    run(scene)


def test_those_who_ask_at_once_are_answered_by_one_statement(loaded, monkeypatch) -> None:
    reader = Map(key())

    async def scene() -> None:
        await reader.get("/tiles")
        with asked(monkeypatch) as statements:
            path = address("components", 16)
            answers = await asyncio.gather(*(reader.get(path) for _ in range(40)))
        assert {answer.status for answer in answers} == {200}
        assert len([sql for sql in statements if "city_component " in sql]) == 1

    run(scene)


def test_memory_is_bounded() -> None:
    memory = service.Memory(most_bytes=100_000)
    for number in range(1_000):
        memory.put(number, service.Content(b"x" * 400, False, "e"), None)
        assert memory.bytes <= 100_000
    assert memory.get(999)
    assert memory.get(0) is None
    memory.replace(999, service.Content(b"x" * 400, True, "e", b"x" * 90_000))
    assert memory.get(999)
    assert memory.bytes <= 100_000 + 90_000
    memory.put(1_000, service.Content(b"x", False, "e"), None)
    assert memory.bytes <= 100_000, "what it grew by is counted"
    memory.put(999, service.Content(b"new", False, "e"), -1)
    assert memory.get(999) is None, "its time is over"


# -- trouble -------------------------------------------------------------------------------------


def test_the_map_goes_on_when_its_connections_were_cut(loaded) -> None:
    reader = Map(key())

    def cut() -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE "
                "application_name = 'chengyun tiles' AND datname = current_database()"
            )
            return int(cursor.fetchone()[0])

    async def scene() -> None:
        await asyncio.gather(*(reader.get(address("components", z)) for z in range(6, 18)))
        assert await sync_to_async(cut)() > 0
        answers = await asyncio.gather(*(reader.get(address("areas", z)) for z in range(12, 20)))
        assert {answer.status for answer in answers} <= {200, 204}

    run(scene)


class Slow(Layer):
    """A layer whose statement does not end by itself."""

    name, zh, en = "slow", "慢", "Slow"
    minzoom, maxzoom, public = 0, 1, True
    parts = (Part("slow", {}, 0),)

    async def question(self, *_: Any) -> Question:
        return Question("SELECT pg_sleep(30)::text::bytea")


def test_a_statement_that_takes_too_long_is_given_up(loaded, monkeypatch) -> None:
    monkeypatch.setattr(service, "STATEMENT_MS", 200)
    monkeypatch.setitem(REGISTER.program, "slow", Slow())

    async def scene() -> None:
        answer = await Map().get("/tiles/slow/0/0/0.mvt")
        assert answer.status == 503
        assert answer.headers["retry-after"]
        assert "超时" in answer.json["detail"]
        assert (await Map().get(address("areas", 14))).status == 200

    run(scene)


def test_a_database_that_does_not_answer_is_said(loaded, monkeypatch) -> None:
    monkeypatch.setattr(service, "conninfo", lambda: "host=127.0.0.1 port=1 dbname=none")
    monkeypatch.setattr(service, "WAIT_SECONDS", 0.3)

    async def scene() -> None:
        answer = await Map().get(address("areas", 14))
        assert answer.status == 503
        assert answer.headers["retry-after"]

    run(scene)


def test_a_caller_who_cannot_be_looked_up_is_not_a_failure_of_ours(loaded, monkeypatch) -> None:
    from django.db import OperationalError

    async def gone(headers: Any) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(service, "authenticate", gone)

    async def scene() -> None:
        answer = await Map({"Authorization": "Bearer cy_x"}).get(address("areas", 14))
        assert (answer.status, answer.json["type"]) == (503, "urn:chengyun:problem:unavailable")

    run(scene)


def test_the_server_serves_tiles_and_lets_go_of_them_at_its_end(loaded) -> None:
    from chengyun.config.asgi import application

    async def scene() -> None:
        sent: list[Any] = []
        told = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

        async def receive() -> Any:
            return next(told)

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http", "method": "GET", "path": address("areas", 14), "query_string": b"",
            "headers": [],
        }  # fmt: skip
        await application(scope, receive, send)
        assert sent[0]["status"] == 200
        pool = service.service().pool
        assert not pool.closed
        await application({"type": "lifespan"}, receive, send)
        assert sent[-1] == {"type": "lifespan.shutdown.complete"}
        assert pool.closed

    run(scene)
