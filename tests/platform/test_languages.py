"""What commands say: every sentence in Chinese and in English, and the one that is asked for."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from chengyun.core.words import language_of_locale
from tests.platform.conftest import Run

#: What a person reads on a terminal is said in these.
SPEAKERS = (
    "chengyun/cli", "chengyun/server", "chengyun/config/environment.py",
    "chengyun/city/basemap/source.py", "chengyun/city/codes.py", "chengyun/city/grids/regular.py",
    "chengyun/city/load", "chengyun/city/coordinates.py", "chengyun/city/survey/mapping.py",
    "chengyun/governance/intake/mapping.py", "chengyun/governance/load.py",
    "chengyun/open311/load.py",
)  # fmt: skip
#: Calls that take Chinese and English side by side.
PAIRS = {"Both", "said", "ValueRefused", "GridError", "NotReadyError", "ModelFileError"}
#: Calls whose words somebody reads.
VOICES = {
    "echo", "secho", "confirm", "BadParameter", "say", "step", "print", "ServerError", "Finding",
    "add_column", "Table", "Grid", "ValueError",
}  # fmt: skip
#: Options of those calls that are no words: colours, widths, places.
SETTINGS = {"fg", "justify", "overflow", "title_justify", "param_hint", "name"}
#: Names of settings, commands and products are the same in both languages.
SAME = re.compile(
    r"^(chengyun |chmod |curl |CHENGYUN_|POST /|PostgreSQL|Open311|\s*\.venv/|\s*chengyun )"
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"[A-Za-z]{2,}[,:;.]? [A-Za-z]{2,}|^[a-z]{3,}[.:]?$")


def _files(root: Path) -> Iterator[Path]:
    for name in SPEAKERS:
        place = root / name
        yield from sorted(place.rglob("*.py")) if place.is_dir() else [place]


def _called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def _calls(root: Path, names: set[str]) -> Iterator[tuple[str, ast.Call]]:
    for path in _files(root):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _called(node) in names:
                yield f"{path.relative_to(root)}:{node.lineno}", node


def _text(node: ast.expr) -> str | None:
    """The words of a literal; None for a name whose words stand elsewhere."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(p.value) if isinstance(p, ast.Constant) else "…" for p in node.values)
    return None


def _given(node: ast.expr) -> set[str]:
    """What is put into a sentence: names of values, whatever their language."""
    values = (part.value for part in ast.walk(node) if isinstance(part, ast.FormattedValue))
    return {
        re.sub(r"\b(zh|en)$|[._](zh|en)\b|'[,，] ?'", "", ast.unparse(value)) for value in values
    }


def test_every_sentence_stands_in_both_languages(root: Path) -> None:
    faults, seen = [], 0
    for place, call in _calls(root, PAIRS):
        if len(call.args) != 2:
            continue
        zh, en = (_text(argument) for argument in call.args)
        if zh is None or en is None:
            continue
        seen += 1
        words = zh.replace("中文|English", "")
        # A mere frame for values has no words of its own: "…：…" beside "…: …".
        if zh != en and re.search(r"[A-Za-z]", en) and not CHINESE.search(words):
            faults.append(f"{place}: no Chinese in {zh!r}")
        if zh == en and ENGLISH.search(en):
            faults.append(f"{place}: the same words twice: {en!r}")
        if CHINESE.search(en.replace("中文|English", "").replace("城运", "")):
            faults.append(f"{place}: Chinese in {en!r}")
    assert not faults, "\n".join(faults)
    assert seen > 300, "the walk found too few sentences to prove anything"


def test_both_languages_tell_the_same_facts(root: Path) -> None:
    # Names are words too: a level or a post has its own in each language.
    own_words = re.compile(r"LEVELS\[|^level$|^parent_level$|\.label|\.value|_state\(|^f'|^why$")
    faults = []
    for place, call in _calls(root, PAIRS):
        if len(call.args) == 2:
            zh, en = (
                {name for name in _given(argument) if not own_words.search(name)}
                for argument in call.args
            )
            if zh != en:
                faults.append(f"{place}: {sorted(zh ^ en)}")
    assert not faults, "\n".join(faults)


def _spoken(node: ast.AST) -> Iterator[str]:
    """The literal words of an argument that are not said in two languages."""
    if _called(node) in PAIRS or isinstance(node, ast.Subscript):
        return
    if isinstance(node, ast.JoinedStr | ast.Constant):
        if (text := _text(node)) is not None:
            yield text
        if isinstance(node, ast.Constant):
            return
    for child in ast.iter_child_nodes(node):
        if not (isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant)):
            yield from _spoken(child)


def test_no_sentence_is_said_in_one_language_only(root: Path) -> None:
    faults = []
    for place, call in _calls(root, VOICES):
        arguments = [*call.args, *(k.value for k in call.keywords if k.arg not in SETTINGS)]
        if _called(call) == "Finding":
            arguments = call.args[2:]  # name and level are codes
        for argument in arguments:
            faults += [
                f"{place}: {text!r}"
                for text in _spoken(argument)
                if ENGLISH.search(text) and not SAME.search(text)
            ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, "zh"),
        ({"LC_ALL": "C.UTF-8", "LANGUAGE": "de:zh:en"}, "zh"),
        ({"LANG": "C.UTF-8"}, None),
        ({"LANG": "de_DE.UTF-8"}, None),
        ({"LANG": ""}, None),
        ({}, None),
    ],
)
def test_the_locale_asks_for_a_language(environment: dict[str, str], language: str | None) -> None:
    assert language_of_locale(environment) == language


ASKED = {"LANGUAGE": "", "LC_ALL": "", "LC_MESSAGES": "", "LANG": ""}


@pytest.mark.parametrize(
    ("surroundings", "says"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "城运没有在运行；`chengyun up` 可启动。"),
        ({"LANG": "en_US.UTF-8"}, "Chengyun is not running; `chengyun up` starts it."),
        ({"LANG": "C.UTF-8"}, "城运没有在运行；`chengyun up` 可启动。"),
        ({"LANG": "C.UTF-8", "CHENGYUN_LANGUAGE": "en"}, "Chengyun is not running"),
        ({"LANG": "zh_CN.UTF-8", "CHENGYUN_LANGUAGE": "en"}, "城运没有在运行"),
    ],
)
def test_a_command_speaks_its_callers_language(
    chengyun: Run, surroundings: dict[str, str], says: str
) -> None:
    result = chengyun("status", **{**ASKED, "PYTHONIOENCODING": "utf-8", **surroundings})
    assert result.returncode == 3
    assert says in result.stdout


@pytest.mark.parametrize(
    ("setting", "zh", "en"),
    [
        ({"CHENGYUN_TIME_ZONE": "Mars/Base"}, "没有时区 'Mars/Base'", "there is no zone"),
        (
            {"CHENGYUN_BASEMAP": "tianditu"},
            "为空：天地图须用自己的密钥",
            "is empty: Tianditu needs",
        ),
        ({"CHENGYUN_PORT": "many"}, "须为整数", "should be a valid integer"),
        ({"CHENGYUN_BASEMAP": "xyz"}, "为空：请写瓦片地址", "is empty: write an address"),
    ],
)
def test_a_wrong_setting_is_refused_in_the_callers_language(
    chengyun: Run, setting: dict[str, str], zh: str, en: str
) -> None:
    for locale, says in (("zh_CN.UTF-8", zh), ("en_US.UTF-8", en)):
        result = chengyun(
            "status", **{**ASKED, "PYTHONIOENCODING": "utf-8", "LANG": locale, **setting}
        )
        assert result.returncode == 1
        assert says in result.stderr
