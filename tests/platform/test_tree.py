"""The source tree itself: what may and may not be in it."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

LOCKS = ("requirements.lock", "requirements-dev.lock")


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """Every file under version control."""
    root = Path(__file__).resolve().parents[2]
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z"], capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout: an archive has no list of tracked files")
    return [root / name for name in listed.stdout.split("\0") if name and (root / name).is_file()]


@pytest.mark.parametrize("name", LOCKS)
def test_locks_carry_hashes_and_no_address(root: Path, name: str) -> None:
    text = (root / name).read_text()
    assert "://" not in text
    assert "--index" not in text
    packages = re.findall(r"^[a-z0-9].*$", text, re.MULTILINE)
    assert packages
    assert all("==" in line and line.endswith("\\") for line in packages)
    assert text.count("--hash=sha256:") >= len(packages)


def test_locks_name_every_direct_dependency(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    for lock, wanted in (
        ("requirements.lock", project["dependencies"]),
        ("requirements-dev.lock", project["optional-dependencies"]["dev"]),
    ):
        locked = set(re.findall(r"^([a-z0-9._-]+)==", (root / lock).read_text(), re.MULTILINE))
        names = {re.split(r"[\[<>=~! ;]", line, maxsplit=1)[0].lower() for line in wanted}
        assert names <= locked, f"run make lock: {names - locked}"


def test_no_file_names_a_path_of_one_machine(tracked: list[Path]) -> None:
    # Written in parts: this file is tracked too.
    foreign = re.compile(
        "|".join(("/" + "work/", "/" + "root/", "/" + "home/[a-z]+/", "cy" + "dev"))
    )
    found = []
    for file in tracked:
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{file.name}: {hit[0]}" for hit in foreign.finditer(text)]
    assert not found


def test_no_large_file_slips_in(tracked: list[Path]) -> None:
    large = [file.name for file in tracked if file.stat().st_size > 3_000_000]
    assert not large


def test_no_module_outgrows_a_reader(tracked: list[Path]) -> None:
    long = {
        str(file): lines
        for file in tracked
        if file.suffix == ".py" and "migrations" not in file.parts
        if (lines := file.read_text(encoding="utf-8").count("\n")) > 600
    }
    assert not long


def test_no_module_is_named_after_nothing(tracked: list[Path]) -> None:
    nothing = {"utils", "helpers", "common", "misc", "base"}
    assert not [file for file in tracked if file.suffix == ".py" and file.stem in nothing]


def test_the_documentation_names_what_is_there(root: Path, tracked: list[Path]) -> None:
    files = {str(file.relative_to(root)) for file in tracked}
    there = files | {str(folder) for name in files for folder in Path(name).parents}
    # A path of the tree in code quotes; `test_<behaviour>.py` is a place to fill in.
    named = re.compile(
        r"(?<![\w./])(?:bench|chengyun|docs|examples|scripts|tests|web)/[\w./-]*\w(?![\w<*{/-])"
    )
    linked = re.compile(r"\]\((?!\w+:)([^)#\s]+)")
    missing = []
    for page in (file for file in tracked if file.suffix == ".md"):
        text = page.read_text(encoding="utf-8")
        paths = [hit for quoted in re.findall(r"`[^`\n]+`", text) for hit in named.findall(quoted)]
        linked_to = ((page.parent / link).resolve() for link in linked.findall(text))
        paths += [str(path.relative_to(root)) for path in linked_to]
        missing += [f"{page.name}: {path}" for path in paths if path not in there]
    assert not missing
