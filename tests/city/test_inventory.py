"""The inventory's numbers are the numbers of components, whoever writes them and how."""

import random
import threading
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from django.contrib.gis.geos import Point
from django.db import connection, connections
from django.db.models import Count, Q
from django.test import Client

from chengyun.city import inventory
from chengyun.city.models import Area, Component, ComponentClass, UnitGrid
from chengyun.core.models import Organisation, User
from tests.city.conftest import Folder, component

Run = Callable[..., Result]
STATES = Component.State.values


@pytest.fixture
def ask(loaded: Folder, client: Client) -> Callable[..., Any]:
    client.force_login(User.objects.get(username="wang"))

    def get(status: int = 200, **query: Any) -> Any:
        answer = client.get("/api/inventory", query, headers={"Accept-Language": "en"})
        assert answer.status_code == status, answer.content
        return answer.json()

    return get


def made(number: int, **fields: Any) -> Component:
    values = {
        "code": f"X{number}",
        "component_class": ComponentClass.objects.order_by("id")[number % 7],
        "name": "x",
        "state": STATES[number % len(STATES)],
        "unit_grid": UnitGrid.objects.order_by("code")[number % 36],
        "geom": Point(120.31, 36.06, srid=4490),
        **fields,
    }
    return Component(**values)


def check_against_the_table() -> None:
    """Every number of all three levels, and nothing else, by counting."""
    above = {
        (level, area.pk): Area.objects.get(level=level, code__in=area.ancestors).pk
        for area in Area.objects.filter(level="community")
        for level in ("district", "street", "community")
    }
    truth: dict[tuple[Any, ...], int] = {}
    for row in Component.objects.values_list(
        "unit_grid__community_id", "component_class_id", "state", "maintainer_id"
    ).annotate(n=Count("id")):
        community, *rest, n = row
        for level in ("district", "street", "community"):
            place = (level, above.get((level, community)))
            truth[*place, *rest] = truth.get((*place, *rest), 0) + n
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT level, area_id, component_class_id, state, maintainer_id, sum(n) "
            "FROM city_componentcount GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0"
        )
        counted = {tuple(row[:5]): int(row[5]) for row in cursor.fetchall()}
        cursor.execute(
            "SELECT level, area_id, edition_id, class_code, state, sum(n) "
            "FROM city_componenttotal GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0"
        )
        totalled = {tuple(row[:5]): int(row[5]) for row in cursor.fetchall()}
    assert counted == truth
    assert totalled == _totals(truth)


def _totals(counts: dict[tuple[Any, ...], int]) -> dict[tuple[Any, ...], int]:
    """The numbers of streets and communities without subclass and maintainer."""
    whole = {
        pk: (edition, code)
        for pk, edition, code in ComponentClass.objects.values_list("pk", "edition", "class_code")
    }
    found: dict[tuple[Any, ...], int] = {}
    for (level, area, kind, state, _), n in counts.items():
        if level != "district":
            key = (level, area, *whole[kind], state)
            found[key] = found.get(key, 0) + n
    return found


def test_what_was_loaded_is_counted(ask: Any) -> None:
    seen = ask()
    assert (seen["by"], seen["total"]) == ("class", 2)
    assert [(row["key"], row["count"], row["damaged"]) for row in seen["rows"]] == [
        ("01", 1, 0), ("03", 1, 0),
    ]  # fmt: skip
    assert seen["rows"][0]["name_zh"]
    assert seen["areas"] == {"city": 1, "district": 2, "street": 3, "community": 4}
    assert (seen["unit_grids"], seen["duty_grids"]) == (36, 1)
    check_against_the_table()


def test_by_everything(ask: Any) -> None:
    san = Organisation.objects.get(code="SAN")
    grid = UnitGrid.objects.get(code="370203001001001")
    Component.objects.bulk_create(
        [
            made(1, state="damaged", unit_grid=grid, maintainer=san),
            made(2, state="lost", unit_grid=grid),
            made(3, state="removed", unit_grid=None),
        ]
    )

    def rows(by: str, **query: Any) -> dict[str, tuple[int, int]]:
        seen = ask(by=by, **query)
        assert sum(row["count"] for row in seen["rows"]) == seen["total"]
        return {row["key"]: (row["count"], row["damaged"]) for row in seen["rows"]}

    assert rows("district") == {"370202": (2, 0), "370203": (2, 2), "": (1, 0)}
    assert rows("street") == {"370202001": (2, 0), "370203001": (2, 2), "": (1, 0)}
    assert rows("community") == {"370202001001": (2, 0), "370203001001": (2, 2), "": (1, 0)}
    assert rows("state") == {
        "intact": (2, 0), "damaged": (1, 1), "lost": (1, 1), "removed": (1, 0),
    }  # fmt: skip
    assert rows("maintainer") == {"SAN": (3, 1), "": (2, 1)}
    # Filters join; an area counts with all below it.
    assert rows("state", area="370203") == {"damaged": (1, 1), "lost": (1, 1)}
    assert rows("community", area="370203") == {"370203001001": (2, 2)}
    assert rows("class", area="370202001", class_code="03") == {"03": (1, 0)}
    assert rows("subclass", area="370200", class_code="01001", maintainer="SAN")["01001"][0] >= 1
    assert rows("maintainer", area="370203001001", state="lost") == {"": (1, 1)}
    here = ask(area="370203")
    assert here["areas"] == {"city": 0, "district": 1, "street": 1, "community": 1}
    assert (here["unit_grids"], here["duty_grids"]) == (9, 0)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"area": "nowhere"}, "area"),
        ({"class_code": "99999"}, "class_code"),
        ({"maintainer": "NOBODY"}, "maintainer"),
        ({"by": "colour"}, "by"),
        ({"state": "eaten"}, "state"),
    ],
)
def test_what_is_not_there_is_named(ask: Any, query: dict[str, str], field: str) -> None:
    assert field in str(ask(status=422, **query))


@pytest.mark.parametrize("seed", range(6))
def test_random_writes_keep_every_number(loaded: Folder, seed: int) -> None:
    chance = random.Random(seed)
    grids = [*UnitGrid.objects.values_list("id", flat=True), None]
    organisations = [*Organisation.objects.values_list("id", flat=True), None]
    classes = list(ComponentClass.objects.values_list("id", flat=True)[:9])
    for step in range(25):
        some = Q(pk__in=[
            pk for pk in Component.objects.values_list("pk", flat=True) if chance.random() < 0.4
        ])  # fmt: skip
        match chance.randrange(8):
            case 0:
                Component.objects.filter(some).update(state=chance.choice(STATES))
            case 1:
                Component.objects.filter(some).update(unit_grid_id=chance.choice(grids))
            case 2:
                Component.objects.filter(some).update(
                    maintainer_id=chance.choice(organisations),
                    component_class_id=chance.choice(classes),
                )
            case 3:
                Component.objects.filter(some).update(name="no number changes")
            case 4:
                Component.objects.filter(some).delete()
            case 5:
                inventory.fold_counts()
            case 6:
                _copy(chance, step, grids, organisations, classes)
            case _:
                numbers = [1000 * step + n for n in range(chance.randrange(30))]
                Component.objects.bulk_create(
                    [made(n, unit_grid_id=chance.choice(grids)) for n in numbers],
                    update_conflicts=True, unique_fields=["code"], update_fields=["state"],
                )  # fmt: skip
        check_against_the_table()
    inventory.rebuild_counts()
    check_against_the_table()


def _copy(chance: random.Random, step: int, *choices: list[Any]) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY city_component (code, name, state, geom, source, remark, street_code, "
            "community_code, unit_grid_id, maintainer_id, component_class_id) FROM STDIN"
        ) as copy,
    ):
        for number in range(chance.randrange(50)):
            copy.write_row(
                (f"C{step}-{number}", "x", chance.choice(STATES), "SRID=4490;POINT(120.31 36.06)",
                 "", "", "", "", *(chance.choice(each) for each in choices))
            )  # fmt: skip


def test_ground_that_changes_hands_takes_its_components_along(loaded: Folder) -> None:
    Component.objects.bulk_create([made(n) for n in range(72)])
    check_against_the_table()
    other = Area.objects.get(code="370203001001")
    UnitGrid.objects.filter(code__endswith="1").update(community=other)
    check_against_the_table()
    # A subclass of another class is no other thing, but it is counted with that class.
    moved = ComponentClass.objects.order_by("id").first()
    assert moved is not None
    ComponentClass.objects.filter(pk=moved.pk).update(class_code="07")
    check_against_the_table()
    district = Area.objects.get(code="370203")
    street = Area.objects.get(code="370202001")
    street.parent, street.ancestors = district, [*district.ancestors, street.code]
    street.save()
    for area in street.children.all():
        area.ancestors = [*street.ancestors, area.code]
        area.save()
    check_against_the_table()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE city_component CASCADE")
    check_against_the_table()


def test_folding_leaves_one_row_a_number_and_rewrites_no_other(loaded: Folder) -> None:
    def rows() -> dict[str, int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT ctid::text, n FROM city_componentcount")
            return dict(cursor.fetchall())

    inventory.fold_counts()
    before = rows()
    for _ in range(4):
        Component.objects.filter(code="X5").delete()
        made(5).save()
    assert len(rows()) > len(before) + 3
    inventory.fold_counts()
    after = rows()
    assert len(after) == len(before) + 3  # a district's, a street's and a community's
    assert before.items() <= after.items()
    Component.objects.filter(code="X5").delete()
    inventory.fold_counts()
    assert len(rows()) == len(before)


def test_loading_again_changes_no_number(loaded: Folder, chengyun: Run) -> None:
    assert chengyun("load", loaded.path).exit_code == 0
    check_against_the_table()
    loaded.rows("components.csv.gz", [component("01001", 1, state="lost"), component("03005", 9)])
    assert chengyun("load", loaded.path).exit_code == 0
    check_against_the_table()


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time(folder: Folder, chengyun: Run) -> None:
    """Eight writers in transactions of several statements, a folder and a counter beside them."""
    assert chengyun("load", folder.path).exit_code == 0
    Component.objects.bulk_create([made(n) for n in range(400)])
    pks = list(Component.objects.values_list("pk", flat=True))
    failed: list[Exception] = []

    def write(seed: int) -> None:
        from django.db import transaction

        chance = random.Random(seed)
        own = pks[seed::8]
        try:
            for _ in range(12):
                with transaction.atomic():
                    for _ in range(3):
                        Component.objects.filter(pk__in=chance.sample(own, 20)).update(
                            state=chance.choice(STATES)
                        )
                    Component.objects.bulk_create(
                        [made(chance.randrange(10**12)) for _ in range(3)]
                    )
        except Exception as error:  # noqa: BLE001  (a thread's failure is the test's)
            failed.append(error)
        finally:
            connections.close_all()

    def count() -> None:
        try:
            for turn in range(12):
                (inventory.rebuild_counts if turn % 3 == 1 else inventory.fold_counts)()
        except Exception as error:  # noqa: BLE001  (a thread's failure is the test's)
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(8)]
    threads += [threading.Thread(target=count) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert failed == []
    check_against_the_table()
    inventory.fold_counts()
    check_against_the_table()
