"""Chinese sentences have Chinese punctuation, wherever the product says them."""

import ast
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

#: What people must type exactly so, and regular expressions, are no sentences.
FORMATS = ("西,南,东,北", "南,西,北,东", "经度,纬度", "[经度, 纬度]", "版本:大类")
PATTERN = re.compile(r"\(\?[:P]")
#: A note in English that begins with a Chinese word keeps English punctuation.
ENGLISH = re.compile(r"[A-Za-z]+ [A-Za-z]+ [A-Za-z]+")
HALF_WIDTH = re.compile(
    r"[\u4e00-\u9fff][,:;!?]"  # after a Chinese character
    r"|[,:;!?] ?[\u4e00-\u9fff“（]"  # before one
    r"|\([^()]*[\u4e00-\u9fff][^()]*\)"  # brackets around one
    r"|[\u4e00-\u9fff] \("  # brackets behind one
    r"|[，。：；！？] "  # a full-width mark has its blank within
)


def _faults(text: str) -> list[str]:
    if PATTERN.search(text) or ENGLISH.search(text):
        return []
    for known in FORMATS:
        text = text.replace(known, "")
    return HALF_WIDTH.findall(text)


def _sentences(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Every literal but docstrings; what is put into a sentence shows as …."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.JoinedStr):
        parts = (str(p.value) if isinstance(p, ast.Constant) else "…" for p in node.values)
        yield node.lineno, "".join(parts)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.lineno, node.value
    for child in ast.iter_child_nodes(node):
        if not (isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant)):
            yield from _sentences(child)


def _words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for child in value.values() if isinstance(value, dict) else ():
        yield from _words(child)
    for child in value if isinstance(value, list) else ():
        yield from _words(child)


def test_python_speaks_chinese_with_chinese_punctuation(root: Path) -> None:
    faults, seen = [], 0
    for path in sorted((root / "chengyun").rglob("*.py")):
        if "migrations" in path.parts:
            continue
        for line, text in _sentences(ast.parse(path.read_text(encoding="utf-8"))):
            seen += bool(re.search(r"[\u4e00-\u9fff]", text))
            if _faults(text):
                faults.append(f"{path.relative_to(root)}:{line}: {text}")
    assert not faults, "\n".join(faults)
    assert seen > 2_000, "the walk found too few sentences to prove anything"


def test_pages_speak_chinese_with_chinese_punctuation(root: Path) -> None:
    files = [
        path
        for path in sorted((root / "web" / "src").rglob("zh.json"))
        if "node_modules" not in path.parts
    ]
    assert len(files) > 15
    faults = [
        f"{path.relative_to(root)}: {text}"
        for path in files
        for text in _words(json.loads(path.read_text(encoding="utf-8")))
        if _faults(text)
    ]
    assert not faults, "\n".join(faults)


def test_schemes_and_settings_have_chinese_punctuation(root: Path) -> None:
    path = root / "chengyun" / "governance" / "evaluation" / "schemes.toml"
    texts = list(_words(tomllib.loads(path.read_text(encoding="utf-8"))))
    assert texts
    assert not [text for text in texts if _faults(text)]


@pytest.mark.parametrize(
    "text",
    ["请核对, 或重试", "可用: a", "…; 已有", "已被使用 (含已移除)", "坐标系 (system)", "好， 行"],
)
def test_half_width_marks_are_found(text: str) -> None:
    assert _faults(text)


@pytest.mark.parametrize(
    "text",
    ["请写作 经度,纬度，例如 120.38,36.07。", "可用：a, b", "EPSG:4490、4326", "08:00 上班",
     "https://tiles.example/{z}", "视图可用 row_number() 或主键", "同比: a year ago it was"],
)  # fmt: skip
def test_formats_codes_and_addresses_are_left_alone(text: str) -> None:
    assert not _faults(text)
