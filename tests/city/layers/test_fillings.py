"""A file that was handed in for a layer is brought in by a job, and its state can be asked."""

import os
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from chengyun.city import jobs
from chengyun.city.actions import fillings
from chengyun.city.actions import layers as layer_actions
from chengyun.city.models import LayerFilling
from chengyun.core.models import AuditEntry, DomainEvent, Role, User
from tests.city.layers.conftest import key, person, point
from tests.city.layers.test_layer_actions import BENCHES, Desk, manager, sql

__all__ = ["manager"]

pytestmark = pytest.mark.django_db
Write = Callable[..., Path]
FAR = [point(120e4, 36e5, 名称="米")]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Jobs wait until they are told to run; gives what runs them."""
    asked: list[int] = []

    def note(*, filling_id: int) -> None:
        asked.append(filling_id)

    monkeypatch.setattr(jobs.fill_layer, "defer", note)

    def run() -> None:
        while asked:
            jobs.fill_layer.func(asked.pop(0))

    return run


def states(desk: Desk, code: str = "benches") -> list[str]:
    return [each["state"] for each in desk.ask("GET", f"/{code}/fillings")["items"]]


def stored() -> list[str]:
    try:
        return default_storage.listdir("layers")[1]
    except FileNotFoundError:
        return []


def test_a_file_is_taken_at_once_and_brought_in_by_a_job(
    manager: Desk,
    geojson: Write,
    later: Callable[[], None],
    django_capture_on_commit_callbacks: Any,
) -> None:
    manager.make()
    given = manager.upload("benches", geojson([*BENCHES, *FAR], "长椅.geojson"))
    assert (given["state"], given["file_name"], given["total"]) == ("waiting", "长椅.geojson", 4)
    assert (given["read"], given["finished_at"]) == (0, None)
    assert manager.ask("GET", "/benches")["rows"] == 0
    assert len(stored()) == 1
    with django_capture_on_commit_callbacks(execute=True):
        later()
    done = manager.ask("GET", f"/benches/fillings/{given['id']}")
    assert (done["state"], done["read"], done["rows"], done["rejected"]) == ("done", 4, 3, 1)
    assert done["asked_by"] == "guan"
    assert done["reasons"] == {"not_degrees": 1}
    assert manager.ask("GET", "/benches")["rows"] == 3
    # The file is gone, its rejected row is kept.
    [name] = stored()
    assert name.endswith("rejected.csv")
    answer = manager.client.get(done["rejected_csv"], headers=manager.headers)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert "4,not_degrees," in text
    fill = AuditEntry.objects.get(action="city.layer.fill")
    assert (fill.actor, fill.after["file"]) == (User.objects.get(username="guan"), "长椅.geojson")
    said = AuditEntry.objects.get(action="city.layer.upload")
    assert said.actor == fill.actor
    assert DomainEvent.objects.filter(kind="city.layer.fill").count() == 1


def test_one_file_at_a_time_and_what_waits_can_be_cancelled(
    manager: Desk,
    geojson: Write,
    later: Callable[[], None],
    django_capture_on_commit_callbacks: Any,
) -> None:
    manager.make()
    manager.make("others")
    first = manager.upload("benches", geojson(BENCHES))
    refused = manager.upload("benches", geojson(BENCHES, "again.geojson"), 409)
    assert "rows.geojson" in refused["detail"]
    assert (refused["filling"], bool(refused["remedy"])) == (first["id"], True)
    manager.upload("others", geojson(BENCHES))
    path = f"/benches/fillings/{first['id']}"
    with django_capture_on_commit_callbacks(execute=True):
        assert manager.ask("POST", f"{path}/cancel")["state"] == "cancelled"
    assert len(stored()) == 1
    manager.ask("POST", f"{path}/cancel", 409)
    later()
    assert states(manager) == ["cancelled"]
    assert (manager.ask("GET", "/benches")["rows"], states(manager, "others")) == (0, ["done"])
    assert manager.send("benches", geojson(BENCHES, "again.geojson"), later=later)["rows"] == 3
    assert AuditEntry.objects.filter(action="city.layer.cancel").count() == 1
    manager.ask("GET", "/others" + path.removeprefix("/benches"), 404)


def test_a_file_that_cannot_go_in_leaves_the_old_rows_and_says_why(
    manager: Desk, geojson: Write
) -> None:
    manager.make()
    manager.send("benches", geojson(BENCHES))
    failed = manager.send("benches", geojson(FAR * 120), "failed")
    assert failed["refused"]["zh"].startswith("120 行全部无法入库")
    assert failed["refused"]["remedy_en"]
    assert (failed["rejected"], len(failed["examples"])) == (120, 100)
    assert failed["rejected_csv"]
    assert manager.ask("GET", "/benches")["rows"] == 3
    told = AuditEntry.objects.get(action="city.layer.fill_failed")
    assert told.actor is not None
    assert states(manager) == ["failed", "done"]


def test_who_may_no_more_when_it_begins_changes_nothing(
    manager: Desk, geojson: Write, later: Callable[[], None]
) -> None:
    manager.make()
    for change in (
        lambda: User.objects.filter(username="guan").update(is_active=False),
        lambda: User.objects.get(username="guan").grants.all().delete(),
    ):
        given = manager.upload("benches", geojson(BENCHES))
        change()
        later()
        filling = LayerFilling.objects.get(pk=given["id"])
        assert filling.state == "failed", filling.refused
        assert sql("SELECT count(*) FROM layers.benches") == [(0,)]
        User.objects.filter(username="guan").update(is_active=True)


def test_fillings_are_for_those_who_keep_the_layer(manager: Desk, geojson: Write) -> None:
    manager.make("citys")
    number = manager.send("citys", geojson([*BENCHES, *FAR]))["id"]
    other = person("qu", Role.DATA_MANAGER, area="370202", organisation="SAN")
    for user, status in ((other, 404), (person("ling", Role.LEADER), 403)):
        desk = Desk(manager.client, key(user))
        for path in ("", f"/{number}", f"/{number}/rejected.csv"):
            desk.ask("GET", f"/citys/fillings{path}", status)
        desk.ask("POST", f"/citys/fillings/{number}/cancel", status)


def test_a_filling_whose_job_was_lost_is_sent_for_again(
    manager: Desk, geojson: Write, later: Callable[[], None]
) -> None:
    manager.make()
    number = manager.upload("benches", geojson(BENCHES))["id"]
    # As a worker leaves it that is killed in the middle.
    LayerFilling.objects.filter(pk=number).update(state="running", attempts=1, read=2)
    jobs.sweep_uploads.func()
    waiting = (
        "SELECT (args->>'filling_id')::bigint FROM procrastinate_jobs "
        "WHERE task_name = 'chengyun.city.jobs.fill_layer'"
    )
    assert sql(waiting) == []
    LayerFilling.objects.filter(pk=number).update(asked_at=timezone.now() - timedelta(minutes=11))
    jobs.sweep_uploads.func()
    jobs.sweep_uploads.func()
    [(sent_for,)] = sql(waiting)
    jobs.fill_layer.func(sent_for)
    assert states(manager) == ["done"]
    assert manager.ask("GET", "/benches")["rows"] == 3
    jobs.fill_layer.func(sent_for)
    assert AuditEntry.objects.filter(action="city.layer.fill").count() == 1


def test_what_breaks_off_every_time_is_given_up(
    manager: Desk, geojson: Write, later: Callable[[], None]
) -> None:
    manager.make()
    number = manager.upload("benches", geojson(BENCHES))["id"]
    LayerFilling.objects.update(state="running", attempts=fillings.MOST_ATTEMPTS)
    later()
    given_up = manager.ask("GET", f"/benches/fillings/{number}")
    assert (given_up["state"], bool(given_up["refused"]["remedy_zh"])) == ("failed", True)
    # The next one is not in its way.
    manager.send("benches", geojson(BENCHES), later=later)


def test_a_fault_of_ours_is_told_and_the_next_file_goes_in(
    manager: Desk, geojson: Write, later: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    manager.make()
    number = manager.upload("benches", geojson(BENCHES))["id"]

    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(fillings, "fill_layer", broken)
        with pytest.raises(ZeroDivisionError):
            later()
    failed = manager.ask("GET", f"/benches/fillings/{number}")
    assert (failed["state"], bool(failed["refused"]["remedy_zh"])) == ("failed", True)
    manager.send("benches", geojson(BENCHES), later=later)


def test_a_file_that_is_gone_and_a_layer_that_is_gone(
    manager: Desk, geojson: Write, later: Callable[[], None]
) -> None:
    manager.make()
    number = manager.upload("benches", geojson(BENCHES))["id"]
    default_storage.delete(LayerFilling.objects.get(pk=number).stored)
    later()
    assert states(manager) == ["failed"]
    manager.upload("benches", geojson(BENCHES))
    manager.ask("DELETE", "/benches", 204)
    later()
    assert LayerFilling.objects.count() == 0


def test_the_last_fillings_are_kept_those_of_commands_too(
    manager: Desk,
    geojson: Write,
    chengyun: Callable[..., Result],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    monkeypatch.setattr(layer_actions, "KEPT_FILLINGS", 2)
    manager.make()
    with django_capture_on_commit_callbacks(execute=True):
        manager.send("benches", geojson([*BENCHES, *FAR], "first.geojson"))
        manager.send("benches", geojson(FAR, "second.geojson"), "failed")
        path = geojson([*BENCHES, *BENCHES], "third.geojson")
        assert chengyun("import", "layer", path, "--code", "benches").exit_code == 0
    kept = manager.ask("GET", "/benches/fillings")["items"]
    assert [(each["file_name"], each["state"], each["rows"]) for each in kept] == [
        ("third.geojson", "done", 6), ("second.geojson", "failed", 0),
    ]  # fmt: skip
    assert kept[0]["asked_by"]
    assert len(stored()) == 1, "the rejected rows of what is forgotten stayed"


def old(path: Path) -> Path:
    before = time.time() - 2 * 86_400
    os.utime(path, (before, before))
    return path


def test_what_killed_processes_left_is_swept(
    manager: Desk,
    geojson: Write,
    later: Callable[[], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    manager.make()
    manager.make("others")
    waits = manager.upload("benches", geojson(BENCHES))["id"]
    given = manager.upload("others", geojson([*BENCHES, *FAR]))
    jobs.fill_layer.func(given["id"])
    for name in ("layers/left.csv", "surveys/left.csv"):
        default_storage.save(name, ContentFile(b"x"))
    for place in ("layers", "surveys"):
        for name in default_storage.listdir(place)[1]:
            old(Path(default_storage.path(f"{place}/{name}")))
    default_storage.save("layers/just-now.csv", ContentFile(b"x"))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    for name in ("chengyun-survey-abc", "chengyun-reader-abc", "somebody-else"):
        (scratch / name).mkdir()
        (scratch / name / "file").write_bytes(b"x")
        old(scratch / name)
    (scratch / "tmp12345678.upload.csv").write_bytes(b"x")
    old(scratch / "tmp12345678.upload.csv")
    (scratch / "chengyun-survey-now").mkdir()

    jobs.sweep_uploads.func()

    wanted = {
        LayerFilling.objects.get(pk=waits).stored,
        LayerFilling.objects.get(pk=given["id"]).rejected_file,
        "layers/just-now.csv",
    }
    assert {f"layers/{name}" for name in stored()} == wanted
    assert default_storage.listdir("surveys")[1] == []
    assert {each.name for each in scratch.iterdir()} == {"somebody-else", "chengyun-survey-now"}


def test_a_file_with_a_long_name_can_be_kept(manager: Desk, geojson: Write) -> None:
    manager.make()
    name = f"{'长' * 75}.geojson"
    assert manager.send("benches", geojson(BENCHES, name))["file_name"] == name


def test_a_file_named_as_ours_are_is_read(manager: Desk, tmp_path: Path) -> None:
    manager.make()
    path = tmp_path / "rejected.csv"
    path.write_text("name,lon,lat\na,120.3,36.06\nb,,\n", encoding="utf-8")
    filled = manager.send("benches", path)
    assert (filled["rows"], filled["rejected"]) == (1, 1)


def test_nothing_is_left_in_the_temporary_folder(
    manager: Desk, geojson: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager.make()
    path = geojson(BENCHES)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    manager.send("benches", path)
    assert list(scratch.iterdir()) == []
