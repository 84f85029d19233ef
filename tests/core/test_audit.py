"""The audit cannot be rewritten unnoticed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connection, connections, transaction
from typer.testing import CliRunner

from chengyun.core import audit
from chengyun.core.audit import entry, record, record_many, seal_audit, verify_audit
from chengyun.core.models import AuditEntry, AuditSeal


def write(system, count: int = 1, **fields) -> list[AuditEntry]:
    made = {
        "actor": system,
        "action": "test.thing.do",
        "object_type": "test.thing",
        "zh": "做了一件事",
        "en": "did a thing",
    }
    return [record(**{**made, "object_id": n, **fields}) for n in range(count)]


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@contextmanager
def triggers_off(table: str) -> Iterator[None]:
    """What only the owner of the database can do: the seal is there for exactly this."""
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql(f"ALTER TABLE {table} DISABLE TRIGGER refuse_change")
    try:
        yield
    finally:
        sql(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER refuse_change")


def test_one_entry_is_one_statement(system, db, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        write(system, before={"a": 1}, after={"a": 2})
    with django_assert_num_queries(1):
        record_many(
            [
                entry(
                    actor=system, action="a.b.c", object_type="t", object_id=n, zh="某", en="some"
                )
                for n in range(500)
            ]
        )
    assert AuditEntry.objects.count() == 501


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_auditentry SET actor_label = 'somebody else'",
        "DELETE FROM core_auditentry",
        "TRUNCATE core_auditentry",
        "UPDATE core_auditseal SET digest = ''",
        "DELETE FROM core_auditseal",
        "TRUNCATE core_auditseal",
    ],
)
def test_the_tables_refuse_every_change(system, db, statement: str) -> None:
    for table in ("core_auditentry", "core_auditseal"):
        sql(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER refuse_truncate")
    write(system)
    seal_audit()
    sql("SET CONSTRAINTS ALL IMMEDIATE")  # else TRUNCATE is refused for another reason
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        sql(statement)
    assert AuditEntry.objects.get().actor_label == "tests"
    assert verify_audit().ok


def test_seals_cover_everything_once(system, db, monkeypatch) -> None:
    monkeypatch.setattr(audit, "SEAL_BATCH", 4)
    write(system, 10)
    assert seal_audit() == 10
    assert seal_audit() == 0
    write(system, 3)
    assert seal_audit() == 3
    assert list(AuditSeal.objects.values_list("entries", flat=True).order_by("id")) == [4, 4, 2, 3]
    result = verify_audit()
    assert (result.ok, result.seals, result.entries) == (True, 4, 13)


TAMPERINGS = {
    "changed": "UPDATE core_auditentry SET sentence_zh = '别的' WHERE id = {id}",
    "changed json": "UPDATE core_auditentry SET after = '{{\"sum\": 2}}' WHERE id = {id}",
    "removed": "DELETE FROM core_auditentry WHERE id = {id}",
    "moved in time": "UPDATE core_auditentry SET at = at - interval '1 second' WHERE id = {id}",
}


@pytest.mark.parametrize("how", TAMPERINGS)
def test_verify_names_the_first_broken_seal(system, db, how: str) -> None:
    seals = []
    for _ in range(3):
        last = write(system, 3, after={"sum": 1})
        seal_audit()
        seals.append((AuditSeal.objects.latest("id").pk, last))
    broken, entries = seals[1]
    with triggers_off("core_auditentry"):
        sql(TAMPERINGS[how].format(id=entries[1].pk))
    result = verify_audit()
    assert not result.ok
    assert result.first_broken == broken
    assert result.seals == 1


def test_an_entry_slipped_in_between_is_noticed(system, db) -> None:
    first, second = write(system, 2)
    with triggers_off("core_auditentry"):
        sql(f"UPDATE core_auditentry SET id = {second.pk + 5} WHERE id = {second.pk}")
    seal_audit()
    with triggers_off("core_auditentry"):
        sql(
            "INSERT INTO core_auditentry (id, at, actor_label, action, object_type, object_id,"
            f" sentence_zh, sentence_en) VALUES ({first.pk + 2}, now(), 'x', 'x', 'x', 'x', '', '')"
        )
    assert verify_audit().first_broken == AuditSeal.objects.get().pk


def test_a_removed_seal_is_noticed(system, db) -> None:
    for _ in range(3):
        write(system)
        seal_audit()
    _, second, third = AuditSeal.objects.order_by("id")
    with triggers_off("core_auditseal"):
        sql(f"DELETE FROM core_auditseal WHERE id = {second.pk}")
    result = verify_audit()
    assert (result.ok, result.first_broken) == (False, third.pk)


def test_a_rewritten_seal_is_noticed(system, db) -> None:
    for _ in range(2):
        write(system)
        seal_audit()
    first = AuditSeal.objects.earliest("id")
    with triggers_off("core_auditseal"):
        sql(f"UPDATE core_auditseal SET digest = repeat('0', 64) WHERE id = {first.pk}")
    assert verify_audit().first_broken == first.pk


@pytest.mark.django_db(transaction=True)
def test_sealing_beside_writers_loses_no_entry(system) -> None:
    """Entries commit late and out of order while two sealers run; every one gets sealed."""
    stop = threading.Event()
    failures: list[Exception] = []

    def writer(number: int) -> None:
        try:
            for turn in range(12):
                with transaction.atomic():
                    write(system, 2)
                    if (turn + number) % 3 == 0:
                        stop.wait(0.01)  # holds its numbers back while others commit
                    if turn % 5 == 4:
                        transaction.set_rollback(True)
        except Exception as error:  # noqa: BLE001  (told by the assertion below)
            failures.append(error)
        finally:
            connections.close_all()

    def sealer() -> None:
        try:
            while not stop.is_set():
                seal_audit()
        except Exception as error:  # noqa: BLE001  (told by the assertion below)
            failures.append(error)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=writer, args=(n,)) for n in range(4)]
    sealers = [threading.Thread(target=sealer) for _ in range(2)]
    for thread in [*sealers, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in sealers:
        thread.join()
    assert not failures
    seal_audit()
    result = verify_audit()
    assert result.ok, result.why
    assert result.entries == AuditEntry.objects.count() == 4 * 10 * 2


@pytest.mark.django_db(transaction=True)
def test_an_open_writer_holds_the_sealer_back_but_not_the_others(system) -> None:
    """An entry that is written but not committed must not be passed over."""
    written, finish = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            write(system)
            written.set()
            finish.wait(10)
        connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    written.wait(10)
    write(system)  # a later number, already committed
    assert seal_audit() == 0
    finish.set()
    thread.join()
    assert seal_audit() == 2


def test_the_command_fails_on_a_broken_chain(system, db) -> None:
    from chengyun.cli.audit import app

    (made,) = write(system)
    seal_audit()
    whole = CliRunner().invoke(app, ["verify"])
    assert whole.exit_code == 0
    assert "1 seals over 1 entries" in whole.output
    with triggers_off("core_auditentry"):
        sql(f"UPDATE core_auditentry SET action = 'x' WHERE id = {made.pk}")
    broken = CliRunner().invoke(app, ["verify"])
    assert broken.exit_code == 1
    assert f"Seal {AuditSeal.objects.get().pk} is broken" in broken.output
