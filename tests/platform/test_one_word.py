"""One thing has one word: pages and Python call states and posts by the same name."""

import json
import re
from pathlib import Path

from chengyun.core.models import Role
from chengyun.governance.export import COLUMNS
from chengyun.governance.models import STATE_EN, State


def test_states_have_one_name_on_pages_and_in_answers(root: Path) -> None:
    page = (root / "web" / "src" / "app" / "phase.ts").read_text(encoding="utf-8")
    names = {
        state: (zh, en) for state, zh, en in re.findall(r"(\w+): \['([^']*)', '([^']*)'\]", page)
    }
    assert {state.value: (str(state.label), STATE_EN[state]) for state in State}.items() <= (
        names.items()
    )


def test_posts_have_one_name_on_pages_and_in_answers(root: Path) -> None:
    pages = 0
    for path in sorted((root / "web" / "src").rglob("zh.json")):
        zh = json.loads(path.read_text(encoding="utf-8"))
        en = json.loads(path.with_name("en.json").read_text(encoding="utf-8"))
        for role in Role:
            if f"role_{role.value}" in zh:
                pages += 1
                assert zh[f"role_{role.value}"] == str(role.label), path
                assert en[f"role_{role.value}"].lower() == role.label_en, path
    assert pages > len(Role)


def test_the_department_is_called_the_same_in_lists_and_exports(root: Path) -> None:
    page = root / "web" / "src" / "surfaces" / "desk" / "list" / "zh.json"
    words = json.loads(page.read_text(encoding="utf-8"))
    exported = next(column.zh for column in COLUMNS if column.key == "department_name")
    assert words["col_department"] == words["filter_department"] == exported == "专业部门"
