"""The prepared statements behind tiles: their plan, and what happens when a connection does not
last, a question is given up, or more ask than there are connections."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from chengyun.city.models import ComponentClass
from chengyun.city.tiles.layer import Tile
from chengyun.city.tiles.line import Lines, statement
from chengyun.city.tiles.outlines import OUTLINED_FROM
from chengyun.city.tiles.registry import REGISTER
from chengyun.core.access import Scope
from chengyun.core.native import conninfo
from tests.map_client import tile_at

pytestmark = pytest.mark.django_db(transaction=True)

TWICE = statement("SELECT convert_to((%(n)s::integer * 2)::text, 'UTF8')")
SLEEP = statement("SELECT pg_sleep(%(seconds)s)::text::bytea")
WHO = statement("SELECT convert_to(pg_backend_pid()::text, 'UTF8')")


def played(scene: Callable[[Lines], Coroutine[Any, Any, None]], most: int = 2, **more: Any) -> None:
    async def main() -> None:
        lines = Lines(conninfo(), most, **({"seconds": 10.0} | more))
        try:
            await scene(lines)
        finally:
            lines.close()

    asyncio.run(main())


async def twice(lines: Lines, number: int) -> int:
    return int(await lines.ask(TWICE, TWICE.values({"n": number})) or b"")


def cut(pid: bytes | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [int(pid or b"0")])
    connection.close()


def test_more_ask_than_there_are_lines_and_each_gets_its_own_answer() -> None:
    async def scene(lines: Lines) -> None:
        answers = await asyncio.gather(*(twice(lines, number) for number in range(100)))
        assert answers == [number * 2 for number in range(100)]
        who = await asyncio.gather(*(lines.ask(WHO, []) for _ in range(20)))
        assert len(set(who)) <= 2

    played(scene)


def test_who_finds_no_line_for_long_is_told() -> None:
    async def scene(lines: Lines) -> None:
        long = asyncio.ensure_future(lines.ask(SLEEP, SLEEP.values({"seconds": 30})))
        await asyncio.sleep(0)
        with pytest.raises(TimeoutError):
            await twice(lines, 1)
        long.cancel()
        with pytest.raises(asyncio.CancelledError):
            await long
        assert await twice(lines, 4) == 8, "the place of the one that was given up is free again"

    played(scene, most=1, seconds=0.5)


def test_what_was_given_up_answers_nobody_else() -> None:
    async def scene(lines: Lines) -> None:
        who = await lines.ask(WHO, [])
        given_up = asyncio.ensure_future(lines.ask(SLEEP, SLEEP.values({"seconds": 0.2})))
        await asyncio.sleep(0)
        given_up.cancel()
        answers = await asyncio.gather(*(twice(lines, number) for number in range(5)))
        assert answers == [0, 2, 4, 6, 8]
        assert await lines.ask(WHO, []) != who

    played(scene, most=1)


def test_a_line_that_was_cut_is_replaced() -> None:
    async def scene(lines: Lines) -> None:
        who = await lines.ask(WHO, [])
        await sync_to_async(cut)(who)
        for _ in range(2):  # the cut may be noticed by the first that asks
            try:
                assert await twice(lines, 21) == 42
                break
            except psycopg.OperationalError:
                continue
        else:
            pytest.fail("it was not replaced")
        busy = asyncio.ensure_future(lines.ask(SLEEP, SLEEP.values({"seconds": 30})))
        await sync_to_async(cut)(await lines.ask(WHO, []))
        assert not busy.done()
        busy.cancel()

    played(scene)


def test_a_statement_that_is_refused_leaves_the_line_as_it_was() -> None:
    wrong = statement("SELECT no_such_column FROM city_area WHERE id = %(id)s")

    async def scene(lines: Lines) -> None:
        who = await lines.ask(WHO, [])
        with pytest.raises(psycopg.errors.UndefinedColumn):
            await lines.ask(wrong, wrong.values({"id": 1}))
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            await lines.ask(TWICE, [b"many"])
        assert await lines.ask(WHO, []) == who

    played(scene, most=1)


def test_one_plan_by_index_is_made_for_all_tiles(loaded: Any) -> None:
    """The plan that is kept must be right for full and for empty tiles."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO city_component (code, component_class_id, name, state, geom, source, "
            "remark, street_code, community_code) SELECT 'M' || i, %s, '', 'intact', "
            "ST_SetSRID(ST_Point(120.301 + i %% 200 * 0.0003, 36.051 + i / 200 * 0.0005), 4490),"
            " '', '', '', '' FROM generate_series(1, 20000) AS i",
            [ComponentClass.objects.values_list("pk", flat=True)[0]],
        )
        cursor.execute("ANALYZE city_component, city_componentcell, city_componentclass")
        cursor.execute("SET plan_cache_mode = force_generic_plan")
        layer = REGISTER.layers["components"]
        for z in range(layer.minzoom, layer.maxzoom + 1):
            for coarseness in (0, 1):
                plan = plan_of(cursor, Tile(z, *tile_at(120.31, 36.06, z)), coarseness)
                assert "Seq Scan on city_component " not in plan, plan
                assert "Seq Scan on city_componentcell" not in plan, plan
                if z <= 13:
                    assert "city_componentcell_tile" in plan
                    assert "city_component " not in plan, "no component is read"
                else:
                    assert "Index Scan using city_component_gm" in plan
                if z >= OUTLINED_FROM:
                    assert "Index Scan using city_component_outline_gist" in plan
        cursor.execute("RESET plan_cache_mode")


def plan_of(cursor: Any, tile: Tile, coarseness: int) -> str:
    layer = REGISTER.layers["components"]
    question = asyncio.run(layer.question(tile, Scope.everything(), None, coarseness))
    assert question.prepared
    prepared = statement(question.sql)
    cursor.execute(f"PREPARE tile AS {prepared.sql.decode()}")
    values = ", ".join(f"'{value.decode()}'" for value in prepared.values(question.params))
    cursor.execute(f"EXPLAIN (COSTS OFF) EXECUTE tile({values})")
    plan = "\n".join(row[0] for row in cursor.fetchall())
    cursor.execute("DEALLOCATE tile")
    return plan
