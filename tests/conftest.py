"""What every test stands on: a test world of its own, and a database in it.

Without DATABASE_URL the suite makes a private PostgreSQL cluster under ``var/test`` and stops it
at the end; with it, the given server is used (its role must be allowed to create databases).
"""

import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
os.environ.setdefault("CHENGYUN_VAR", str(ROOT / "var" / "test"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengyun.config.settings")
os.environ["CHENGYUN_STATEMENT_TIMEOUT_MS"] = "0"
# Commands speak their caller's language; what the tests read is the same on every machine.
os.environ["LANGUAGE"] = "en"

import django

# The tests' own conftests import models, whatever the environment of whoever calls pytest.
django.setup()

from chengyun.config.places import var_dir
from chengyun.server.cluster import Cluster

_STARTED = pytest.StashKey[Cluster]()


def pytest_configure(config: pytest.Config) -> None:
    """Start the test cluster once, in the process that leads (xdist's workers find it running)."""
    if os.environ.get("DATABASE_URL") or hasattr(config, "workerinput"):
        return
    cluster = Cluster(var_dir(), fast=True)
    if cluster.start():
        config.stash[_STARTED] = cluster


# Before xdist looks for groups.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked ``serial`` run one after the other in one of xdist's workers."""
    for item in items:
        if item.get_closest_marker("serial"):
            item.add_marker(pytest.mark.xdist_group("serial"))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started."""
    if _STARTED in config.stash:
        config.stash[_STARTED].stop()


@pytest.fixture(autouse=True)
def media_apart(settings: Any, tmp_path: Path) -> None:
    """Attachments of a test never reach a real folder."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def root() -> Path:
    """The source tree."""
    return ROOT


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests that commit empty all tables afterwards; the audit would refuse, even there."""
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        for table in ("core_auditentry", "core_auditseal"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER refuse_truncate")
        cursor.execute("ALTER TABLE governance_caserecord DISABLE TRIGGER case_record_no_truncate")
        cursor.execute(
            "ALTER TABLE city_componentchange DISABLE TRIGGER componentchange_no_truncate"
        )


@pytest.fixture(autouse=True)
def calendars_anew() -> None:
    """The work calendar a process remembers is not the next test's."""
    from chengyun.core.queries import forget_calendars

    forget_calendars()
