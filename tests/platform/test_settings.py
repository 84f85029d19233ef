"""Settings: typed, documented, generated once, read from where they should be."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from chengyun.config.environment import Environment, ensure_secrets
from chengyun.config.reference import settings_page, settings_table, variable
from chengyun.config.settings import _database


def test_the_page_of_settings_is_current(root: Path) -> None:
    page = (root / "docs" / "settings.md").read_text(encoding="utf-8")
    assert page == settings_page(), "make reference writes it anew"


def test_every_setting_says_what_it_is_for() -> None:
    bare = [name for name, field in Environment.model_fields.items() if not field.description]
    assert not bare


def test_lists_are_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHENGYUN_ALLOWED_HOSTS", "city.example, www.city.example,")
    assert Environment().allowed_hosts == ["city.example", "www.city.example"]


def test_the_environment_wins_over_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "chengyun.env"
    file.write_text("CHENGYUN_PORT=8111\nCHENGYUN_WORKERS=3\n")
    monkeypatch.setenv("CHENGYUN_PORT", "8222")
    read = Environment(_env_file=file)  # type: ignore[call-arg]
    assert (read.port, read.workers) == (8222, 3)


@pytest.mark.parametrize(
    ("name", "value"),
    [("port", "http"), ("port", "70000"), ("time_zone", "Asia/Qingdao"), ("storage", "tape")],
)
def test_a_wrong_value_names_its_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"CHENGYUN_{name.upper()}", value)
    with pytest.raises(ValidationError, match=name):
        Environment()


def test_secrets_are_made_once_and_for_the_owner_only(tmp_path: Path) -> None:
    file = ensure_secrets(tmp_path)
    first = file.read_text()
    assert ensure_secrets(tmp_path).read_text() == first
    assert file.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["chengyun.env"]


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHENGYUN_SMS_TOKEN", "hidden-token")
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hidden-word@db.example/city")
    shown = settings_table(Environment())
    assert "hidden" not in shown
    assert f"{variable('sms_token')}=(set)" in shown
    assert "db.example" in shown


@pytest.mark.parametrize(
    ("url", "host", "port", "name"),
    [
        ("postgresql://me:pw@db.example:6543/city", "db.example", "6543", "city"),
        ("postgresql://me@/city?host=/run/sockets", "/run/sockets", "", "city"),
        ("postgres://me@db.example/city?sslmode=require", "db.example", "", "city"),
    ],
)
def test_any_postgresql_url_is_understood(url: str, host: str, port: str, name: str) -> None:
    described = _database(url)
    assert (described["HOST"], described["PORT"], described["NAME"]) == (host, port, name)
    assert "statement_timeout" in described["OPTIONS"]["options"]
    if "sslmode" in url:
        assert described["OPTIONS"]["sslmode"] == "require"
