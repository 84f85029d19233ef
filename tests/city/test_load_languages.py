"""`chengyun load` and `import` in the language of whoever types them, right files and wrong."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.city.conftest import Folder

Run = Callable[..., Result]

ZH = {"LANGUAGE": "", "LC_ALL": "zh_CN.UTF-8"}
EN = {"LANGUAGE": "", "LC_ALL": "en_US.UTF-8"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
#: Little words without which no English sentence stands.
ENGLISH = re.compile(r"\b(the|is|was|are|of|with|to|it|an|no|not|and)\b", re.IGNORECASE)


def spoil(folder: Folder) -> None:
    """A mistake of many kinds in every file that one level of the load reads."""

    def areas(features: list[dict[str, Any]]) -> None:
        features[3]["properties"]["level"] = "county"
        features[4]["properties"]["code"] = "9" * 40
        features[5]["properties"]["name_zh"] = ""

    folder.change_features("areas.geojson", areas)
    folder.rows(
        "organisations.csv",
        [
            {"code": "GOV", "name_zh": "市政府", "kind": "ministry", "parent": ""},
            {"code": "91350100M000100Y44", "name_zh": "公司", "kind": "department", "parent": ""},
            {"code": "a b", "name_zh": "空格", "kind": "department", "parent": ""},
        ],
    )
    folder.text("calendar.csv", "day;kind;name\n2026-10-01;holiday;国庆节\n")


def test_a_broken_folder_is_explained_in_chinese(folder: Folder, chengyun: Run) -> None:
    spoil(folder)
    result = chengyun("load", folder.path, env=ZH)
    assert result.exit_code == 1
    mistakes = [line for line in result.output.splitlines() if "→" in line]
    assert len(mistakes) >= 6
    for mistake in mistakes:
        assert CHINESE.search(mistake.split("→")[0]), mistake
        assert CHINESE.search(mistake.split("→")[1]), mistake
        assert not ENGLISH.search(mistake), mistake
    assert "areas.geojson，第 6 个要素，name_zh 列：为空 → 补上该项" in mistakes
    assert any(m.startswith("organisations.csv，第 2 行，kind 列：此处没有") for m in mistakes)
    assert any(m.startswith("calendar.csv，第 1 行：各列未用逗号分隔") for m in mistakes)
    assert f"{folder.path} 未载入：共 {len(mistakes)} 处错误。未作任何改动。" in result.output


def test_the_same_folder_is_explained_in_english(folder: Folder, chengyun: Run) -> None:
    spoil(folder)
    result = chengyun("load", folder.path, env=EN)
    mistakes = [line for line in result.output.splitlines() if "→" in line]
    assert "areas.geojson, feature 6, column name_zh: it is empty → fill it in" in mistakes
    assert any("calendar.csv, row 1: the columns are not separated" in m for m in mistakes)
    assert not any(CHINESE.search(mistake) for mistake in mistakes)
    assert "Nothing was changed." in result.output


def test_a_right_folder_is_told_in_chinese(folder: Folder, chengyun: Run) -> None:
    result = chengyun("load", folder.path, env=ZH)
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0].split() == ["新增", "更新", "不变"]
    assert ["区域", "10", "0", "0"] in [line.split() for line in lines]
    assert lines[-1] == f"{folder.path} 已载入。"
    assert not any(ENGLISH.search(line) for line in lines[:-1]), result.output
    again = chengyun("load", folder.path, env=ZH)
    assert again.output.strip() == f"{folder.path} 已载入过，没有变化。"


def test_a_right_folder_is_told_in_english(folder: Folder, chengyun: Run) -> None:
    result = chengyun("load", folder.path, env=EN)
    lines = result.output.splitlines()
    assert lines[0].split() == ["new", "changed", "same"]
    assert ["areas", "10", "0", "0"] in [line.split() for line in lines]
    assert lines[-1] == f"{folder.path} is loaded."
    assert not any(CHINESE.search(line) for line in lines)


@pytest.mark.parametrize(
    ("env", "folder_missing", "told", "rejected"),
    [
        (ZH, "没有城市文件夹 nowhere", "新增 1，变更 0，不变 0，拒收 1。", "拒收的行及原因："),
        (EN, "there is no city folder nowhere", "1 new, 0 changed, 0 the same, 1 rejected.",
         "The rejected rows with their reasons: "),
    ],
)  # fmt: skip
def test_imports_and_wrong_names_are_told_in_both(
    loaded: Folder, chengyun: Run, tmp_path: Path, env: dict[str, str],
    folder_missing: str, told: str, rejected: str,
) -> None:  # fmt: skip
    missing = chengyun("load", "nowhere", env=env)
    assert missing.exit_code == 2
    assert folder_missing in missing.output
    file = tmp_path / "new.csv"
    file.write_text(
        "full_text,kind,lon,lat\n海青市市南区新路1号,door,120.305,36.055\n远处,door,10,10\n",
        encoding="utf-8",
    )
    result = chengyun("import", "addresses", file, "--apply", env=env)
    assert result.exit_code == 0, result.output
    assert told in result.output
    assert rejected in result.output
    torn = tmp_path / "torn.geojson"
    torn.write_text('{"type": "FeatureCollection", "features": [', encoding="utf-8")
    refused = chengyun("import", "addresses", torn, env=env)
    assert refused.exit_code == 1
    assert bool(CHINESE.search(refused.output)) == (env is ZH), refused.output


@pytest.mark.parametrize(("env", "words"), [(ZH, "审计记录完整"), (EN, "The audit is whole")])
def test_audit_and_doctor_speak_too(
    loaded: Folder, chengyun: Run, env: dict[str, str], words: str
) -> None:
    assert words in chengyun("audit", "verify", env=env).output
    doctor = chengyun("doctor", env=env).output
    assert ("数据库" in doctor) == (env is ZH)
    assert ("database" in doctor) == (env is EN)


@pytest.mark.parametrize(
    ("env", "heading", "refusal"),
    [(ZH, "得分", "没有计数或比率“nothing”"), (EN, "score", "No count or rate “nothing”")],
)
def test_evaluation_speaks_too(
    loaded: Folder, chengyun: Run, env: dict[str, str], heading: str, refusal: str
) -> None:
    assert heading in chengyun("evaluate", "region", "--period", "2026-11", env=env).output
    wrong = chengyun("evaluate", "region", "--period", "2026-11", "--show", "nothing", env=env)
    assert wrong.exit_code == 2
    assert refusal in wrong.output
