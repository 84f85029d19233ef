"""A synthetic city is complete, lawful in its codes, seamless, and the same for the same seed."""

import hashlib
import re
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
import shapely
from shapely.geometry import Point, shape

from chengyun.city.roads.network import Network
from chengyun.simulation.catalogue import component_names, matter_names
from chengyun.simulation.city import write_city
from chengyun.simulation.identifiers import credit_code, is_credit_code
from tests.simulation.conftest import Folder

URGENCY = {"urgent_hour": 1, "urgent_day": 24, "work_hour": 1, "work_day": 24, "natural_day": 24}


def files_of(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


def digest(folder: Path) -> str:
    total = hashlib.sha256()
    for name in files_of(folder):
        total.update(name.encode() + b"\0" + (folder / name).read_bytes())
    return total.hexdigest()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(
    small_city: Folder, tmp_path: Path
) -> None:
    write_city(tmp_path / "again", seed=1, scale="small")
    write_city(tmp_path / "other", seed=2, scale="small")
    assert digest(tmp_path / "again") == digest(small_city.path)
    assert digest(tmp_path / "other") != digest(small_city.path)


def test_every_area_but_the_city_hangs_under_one_that_exists(small_city: Folder) -> None:
    areas = {f["properties"]["code"]: f["properties"] for f in small_city.features("areas.geojson")}
    depth = {"city": 6, "district": 6, "street": 9, "community": 12}
    for code, area in areas.items():
        assert len(code) == depth[area["level"]]
        assert area["parent"] is None if area["level"] == "city" else area["parent"] in areas
        assert area["synthetic"] is (area["level"] in ("street", "community"))
    assert sum(a["level"] == "district" for a in areas.values()) == 10


@pytest.mark.parametrize("level", ["street", "community", "grid"])
def test_parts_tile_the_whole_without_overlap(small_city: Folder, level: str) -> None:
    areas = small_city.features("areas.geojson")
    outlines = {f["properties"]["code"]: f["geometry"] for f in areas}
    children = defaultdict(list)
    if level == "grid":
        for grid in small_city.features("unit_grids.geojson"):
            children[grid["properties"]["community"]].append(shape(grid["geometry"]))
    else:
        for f in areas:
            if f["properties"]["level"] == level:
                children[f["properties"]["parent"]].append(shape(f["geometry"]))
    assert children
    for parent, parts in children.items():
        whole = shape(outlines[parent])
        covered = shapely.union_all(parts)
        assert all(part.is_valid and part.area > 0 for part in parts)
        assert shapely.symmetric_difference(covered, whole).area < 0.005 * whole.area
        overlap = sum(part.area for part in parts) - covered.area
        assert overlap < 1e-5 * whole.area


def test_grid_codes_continue_the_community_code_from_west_to_east(small_city: Folder) -> None:
    serials = defaultdict(list)
    for grid in small_city.features("unit_grids.geojson"):
        code, community = grid["properties"]["code"], grid["properties"]["community"]
        assert re.fullmatch(r"\d{15}", code)
        assert code[:12] == community
        serials[community].append(int(code[12:]))
    assert all(sorted(found) == list(range(1, len(found) + 1)) for found in serials.values())


def test_components_have_lawful_ids_and_stand_inside_their_grid(small_city: Folder) -> None:
    grids = {
        f["properties"]["code"]: shape(f["geometry"])
        for f in small_city.features("unit_grids.geojson")
    }
    names = component_names()
    organisations = {row["code"] for row in small_city.rows("organisations.csv")}
    rows = small_city.rows("components.csv.gz")
    assert len(rows) == 2000
    assert len({row["code"] for row in rows}) == len(rows)
    for row in rows:
        code = row["code"]
        assert re.fullmatch(r"\d{17}", code)
        assert code[:6] == row["unit_grid"][:6]
        assert row["name"] == names[code[6:11]]
        assert grids[row["unit_grid"]].distance(Point(float(row["lon"]), float(row["lat"]))) < 1e-6
        for party in ("authority", "owner", "maintainer"):
            assert row[party] in organisations | {""}
        assert not row["changed_on"] or row["changed_on"] >= row["first_surveyed"]


def test_a_large_inventory_looks_like_a_city(small_city: Folder, tmp_path: Path) -> None:
    write_city(tmp_path, seed=1, scale="small", components=20_000)
    for name in files_of(small_city.path):
        if name != "components.csv.gz":
            assert (tmp_path / name).read_bytes() == (small_city.path / name).read_bytes(), name
    rows = Folder(tmp_path).rows("components.csv.gz")
    assert len({row["code"] for row in rows}) == len(rows) == 20_000
    by_district = Counter(row["code"][:6] for row in rows)
    assert len(by_district) == 10
    assert min(by_district.values()) > 200
    # Classes are mixed, as in a street: the commonest is no more than a sixth, most are there.
    kinds = Counter(row["code"][6:11] for row in rows)
    assert len(component_names()) == 153
    assert len(kinds) > 140
    assert kinds.most_common(1)[0][1] < 20_000 / 6
    states = Counter(row["state"] for row in rows)
    assert set(states) == {"intact", "damaged", "abandoned", "lost"}
    assert 0.005 < states["damaged"] / 20_000 < 0.02
    # Along the streets: within a pavement's width of the block's border.
    borders = {
        f["properties"]["code"]: shape(f["geometry"]).boundary
        for f in small_city.features("unit_grids.geojson")
    }
    pavement = 10 / 90_000  # metres in degrees of longitude here, the shorter ones
    along = [
        borders[row["unit_grid"]].distance(Point(float(row["lon"]), float(row["lat"]))) < pavement
        for row in rows[::10]
    ]
    assert sum(along) / len(along) > 0.98


def test_addresses_are_unique_and_lie_in_their_grid(small_city: Folder) -> None:
    grids = {
        f["properties"]["code"]: shape(f["geometry"])
        for f in small_city.features("unit_grids.geojson")
    }
    rows = small_city.rows("addresses.csv.gz")
    assert len({(row["full_text"], row["kind"]) for row in rows}) == len(rows)
    for row in rows:
        assert grids[row["unit_grid"]].distance(Point(float(row["lon"]), float(row["lat"]))) < 1e-6
        assert row["unit_grid"].startswith(row["area"])


def test_organisations_have_credit_codes_with_right_check_digits(small_city: Folder) -> None:
    rows = small_city.rows("organisations.csv")
    codes = {row["code"] for row in rows}
    assert len(codes) == len(rows)
    for row in rows:
        assert is_credit_code(row["code"])
        assert not row["parent"] or row["parent"] in codes


@pytest.mark.parametrize("place", [8, 12, 16, 17])
def test_a_credit_code_with_one_wrong_character_is_not_one(place: int) -> None:
    right = credit_code("11", "370202", "test")
    wrong = right[:place] + ("1" if right[place] != "1" else "2") + right[place + 1 :]
    assert is_credit_code(right)
    assert not is_credit_code(wrong)


def test_a_published_credit_code_is_recognised() -> None:
    # The example printed in GB 32100-2015.
    assert is_credit_code("91350100M000100Y43")


def test_every_matter_has_standards_and_a_body_in_every_district(small_city: Folder) -> None:
    standards = defaultdict(list)
    for row in small_city.rows("standards.csv"):
        standards[row["matter"]].append(row)
        assert row["condition_zh"]
        assert row["closing_zh"]
        assert float(row["limit"]) > 0
        assert row["unit"] in URGENCY
        assert bool(row["make_safe_limit"]) == bool(row["make_safe_unit"])
    assert set(standards) == set(matter_names())
    for rows in standards.values():
        keys = [(r["condition_key"], r["limit_class"]) for r in rows]
        assert len(set(keys)) == len(keys)

    bodies = {row["code"] for row in small_city.rows("organisations.csv")}
    responsible = {
        (row["matter"], row["area"]): row["organisation"]
        for row in small_city.rows("responsibilities.csv")
    }
    assert set(responsible.values()) <= bodies
    for area in small_city.features("areas.geojson"):
        if area["properties"]["level"] != "street":
            continue
        street = area["properties"]["code"]
        for matter in matter_names():
            scopes = ((m, a) for m in (matter, matter[:2], "*") for a in (street, street[:6]))
            assert any(scope in responsible for scope in scopes)


def test_every_district_has_people_in_every_post(small_city: Folder) -> None:
    users = {row["username"]: row for row in small_city.rows("users.csv")}
    organisations = {row["code"]: row for row in small_city.rows("organisations.csv")}
    posts = defaultdict(set)
    for grant in small_city.rows("grants.csv"):
        user = users[grant["username"]]
        assert user["organisation"] in organisations
        place = grant["area"] or organisations[user["organisation"]]["code"][2:8]
        posts[place[:6]].add(grant["role"])
    wanted = {"collector", "acceptor", "shift_leader", "dispatcher", "department", "handler",
              "evaluator", "leader"}  # fmt: skip
    for area in small_city.features("areas.geojson"):
        if area["properties"]["level"] == "district":
            assert wanted <= posts[area["properties"]["code"]]
    assert wanted <= set(users)


def test_every_community_is_in_one_supervision_grid(small_city: Folder) -> None:
    communities = [
        f["properties"]["code"]
        for f in small_city.features("areas.geojson")
        if f["properties"]["level"] == "community"
    ]
    covered = [
        unit.removeprefix("community:")
        for row in small_city.rows("duty_grids.csv")
        if row["kind"] == "supervision"
        for unit in row["unit_grids"].split()
    ]
    assert sorted(covered) == sorted(communities)


def test_the_calendar_names_holidays_and_make_up_days(small_city: Folder) -> None:
    days = {row["day"]: row for row in small_city.rows("calendar.csv")}
    assert days["2026-02-17"]["kind"] == "holiday"
    assert days["2026-02-14"]["kind"] == "workday"
    assert days["2024-02-18"]["kind"] == "workday"
    assert all("暂定" in row["name"] for day, row in days.items() if day.startswith("2027"))
    assert not any("暂定" in row["name"] for day, row in days.items() if day < "2027")


def test_roads_hang_together_inland_and_bear_the_names_of_the_doors(small_city: Folder) -> None:
    roads = small_city.features("layers/roads.geojson")
    lines = [shape(road["geometry"]) for road in roads]
    classes = {road["properties"]["class"] for road in roads}
    assert classes == {"primary", "secondary", "residential"}

    # The network keeps what hangs on its largest part.
    network = Network(lines, np.zeros(len(lines)))
    alone = [float(metres_of(line)) for line in lines]
    assert network.length.sum() > 0.8 * sum(alone)

    areas = small_city.features("areas.geojson")
    district = [shape(f["geometry"]) for f in areas if f["properties"]["level"] == "district"]
    coast = shapely.union_all(district, grid_size=1e-6).boundary
    middles = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    assert shapely.distance(middles, coast).min() > 1e-4

    tree = shapely.STRtree(lines)
    near = right = 0
    for address in small_city.rows("addresses.csv.gz"):
        here = Point(float(address["lon"]), float(address["lat"]))
        beside = tree.query(here, predicate="dwithin", distance=0.0002).tolist()
        names = {roads[n]["properties"]["name"] for n in beside} - {""}
        if names and address["kind"] == "door" and not re.search("村\\d+号", address["full_text"]):
            near += 1
            right += any(name in address["full_text"] for name in names)
    assert near > 100
    # A road is one straight cut, its name that of the band in which its middle lies.
    assert right > 0.6 * near


def metres_of(line: shapely.LineString) -> float:
    steps = np.diff(shapely.get_coordinates(line), axis=0)
    return float(np.hypot(steps[:, 0] * 89_600, steps[:, 1] * 111_195).sum())
