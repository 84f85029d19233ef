"""Services and attributes from the files of a city folder."""

from pathlib import Path

import pytest

from chengyun.city.load.folder import FolderReader
from chengyun.city.load.report import Count
from chengyun.core.actor import Actor
from chengyun.core.models import AuditEntry
from chengyun.open311.load import load_open311
from chengyun.open311.models import Open311Attribute, Open311Service
from chengyun.open311.queries.services import changeset
from tests.api.town import Town, build_town

HEADING = "matter,code,order,datatype,required,variable,description_zh,description_en,values\n"
ACTOR = Actor.system("tests")


@pytest.fixture
def town(db: None) -> Town:
    return build_town()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "city.toml").write_text('[city]\ncode="990000"\n', encoding="utf-8")
    return tmp_path


def load(folder: Path) -> tuple[dict[str, Count], list[str]]:
    reader = FolderReader(folder)
    changed = load_open311(reader, actor=ACTOR)
    return changed, [fault.said("en") for fault in reader.problems.faults]


def test_files_become_services_and_questions(folder: Path, town: Town) -> None:
    (folder / "open311_services.csv").write_text(
        "matter,kind,listed\n01001,batch,\n02002,realtime,false\n", encoding="utf-8"
    )
    (folder / "open311_attributes.csv").write_text(
        HEADING + "01001,TYPE,1,singlevaluelist,true,,井盖类型,Type,water=供水|Water; power=电力\n"
        "01001,COUNT,2,number,,,数量,,\n",
        encoding="utf-8",
    )
    changed, faults = load(folder)
    assert faults == []
    assert changed == {"open311 services": Count(2, 0, 0), "open311 attributes": Count(2, 0, 0)}
    service = Open311Service.objects.get(matter=town.matters["01001"])
    assert (service.kind, service.listed) == ("batch", True)
    kind = Open311Attribute.objects.get(code="TYPE")
    assert (kind.keys, kind.names_zh, kind.names_en) == (
        ["water", "power"], ["供水", "电力"], ["Water", ""],
    )  # fmt: skip
    assert AuditEntry.objects.filter(action="open311.services.load").count() == 1


def test_a_second_run_changes_nothing_and_a_shorter_file_takes_away(
    folder: Path, town: Town
) -> None:
    path = folder / "open311_attributes.csv"
    rows = "01001,A,1,string,,,甲,,\n01001,B,2,string,,,乙,,\n"
    path.write_text(HEADING + rows, encoding="utf-8")
    load(folder)
    before, entries = changeset(), AuditEntry.objects.count()
    assert load(folder) == ({"open311 attributes": Count(0, 0, 2)}, [])
    assert (changeset(), AuditEntry.objects.count()) == (before, entries)
    # The two change places: an order is free only after its holder has left it.
    path.write_text(HEADING + "01001,B,1,string,,,乙,,\n", encoding="utf-8")
    assert load(folder)[0] == {"open311 attributes": Count(0, 2, 0)}
    assert list(Open311Attribute.objects.values_list("code", "order")) == [("B", 1)]
    assert changeset() > before


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        ("99999,A,1,string,,,甲,,", "matter", "no matter 99999"),
        ("01001,A B,1,string,,,甲,,", "code", "no code"),
        ("01001,A,0,string,,,甲,,", "order", "no place"),
        ("01001,A,1,list,,,甲,,", "datatype", "not known"),
        ("01001,A,1,singlevaluelist,,,甲,,", "values", "needs values"),
        ("01001,A,1,string,,,甲,,a=甲", "values", "only lists"),
        ("01001,A,1,multivaluelist,,,甲,,a=甲; a=乙", "values", "stands twice"),
        ("01001,A,1,multivaluelist,,,甲,,a", "values", "no value"),
        ("01001,A,1,string,true,false,甲,,", "required", "only shown"),
        ("01001,A,1,string,,,,,", "description_zh", "empty"),
        ("01001,A,1,string,,,甲,,\n01001,B,1,string,,,乙,,", "order", "stands twice"),
    ],
)
def test_mistakes_name_their_place_and_nothing_is_kept(
    folder: Path, town: Town, row: str, column: str, says: str
) -> None:
    (folder / "open311_attributes.csv").write_text(
        HEADING + row + "\n02001,GOOD,1,string,,,好,,\n", encoding="utf-8"
    )
    changed, faults = load(folder)
    assert changed == {}
    assert len(faults) == 1
    assert "open311_attributes.csv, row " in faults[0]
    assert f"column {column}" in faults[0]
    assert says in faults[0]
    assert not Open311Attribute.objects.exists()


def test_without_the_files_nothing_is_touched(folder: Path, town: Town) -> None:
    Open311Service.objects.create(matter=town.matters["01001"], kind="batch")
    assert load(folder) == ({}, [])
    assert Open311Service.objects.count() == 1
