"""Many writers on few cases, with two workers beside them: nothing lost, nothing double.

    python -m bench.soak --writers 200 --steps 40

Every writer is a thread with its own connection that reports, or takes a random case and tries a
random step of the flow on it, often the same one as others at the same moment. What must hold:

* a case's version is one more than its steps: no update was lost, no step was half written;
* records are numbered 1 … version without a gap;
* case numbers are unique, and gapless per day and district;
* the same submission sent by several writers is one report;
* every refusal is one that people understand (403, 404, 409, 422) or asks to come again (503).
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

NAME = "chengyun_bench_soak"
#: Answers that are part of the game: somebody else was faster, or must be asked again.
EXPECTED = frozenset({200, 201, 403, 404, 409, 422, 503})


@dataclass
class Tally:
    """What all writers saw together."""

    answers: Counter[str] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, what: str, status: int, text: str) -> None:
        with self.lock:
            self.answers[f"{what} {status}"] += 1
            if status not in EXPECTED:
                self.unexpected.append(f"{what}: {status} {text[:300]}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writers", type=int, default=200)
    parser.add_argument("--steps", type=int, default=20, help="calls of each writer")
    parser.add_argument("--cases", type=int, default=60, help="cases they fight for")
    given = parser.parse_args(arguments)

    from bench.database import migrate, own_database

    own_database(NAME, fresh=True)
    migrate()
    from django.db import connection

    from bench import world

    with connection.cursor() as cursor:
        world.build(cursor, 200)
    workers = [_worker() for _ in range(2)]
    try:
        tally, spent = soak(given.writers, given.steps, given.cases)
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        for worker in workers:
            worker.wait(30)
    return report(tally, spent, given.writers)


def _worker() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "django", "procrastinate", "worker"],
        env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def soak(writers: int, steps: int, cases: int) -> tuple[Tally, float]:
    """Let them all loose at once."""
    from bench.requests import cast, main_path

    people = cast()
    path = main_path(people)
    shared = _first_cases(people, cases)
    tally, gate = Tally(), threading.Barrier(writers + 1)
    threads = [
        threading.Thread(target=_write, args=(n, steps, people, path, shared, tally, gate))
        for n in range(writers)
    ]
    for thread in threads:
        thread.start()
    gate.wait()
    start = time.perf_counter()
    for thread in threads:
        thread.join()
    return tally, time.perf_counter() - start


def _first_cases(people: dict[str, Any], cases: int) -> list[int]:
    body = {"channel": "hotline", "lon": 120.31, "lat": 36.07}
    bodies = [{**body, "text": f"第 {n} 处路灯不亮"} for n in range(cases)]
    return [people["acceptor"].call("POST", "/reports", each)["case_id"] for each in bodies]


def _write(
    number: int,
    steps: int,
    people: dict[str, Any],
    path: list[tuple[str, str, dict[str, Any]]],
    shared: list[int],
    tally: Tally,
    gate: threading.Barrier,
) -> None:
    """One writer: mostly steps on shared cases, now and then a report that others send too."""
    from django.db import connection
    from django.test import Client

    chance = random.Random(number)
    client = Client(SERVER_NAME="localhost", raise_request_exception=False)
    gate.wait()
    for turn in range(steps):
        if chance.random() < 0.1:
            key = f"soak-{turn}-{number % 20}"
            body = {"channel": "hotline", "text": f"同一来电 {key}", "lon": 120.31, "lat": 36.07}
            _send(client, people["acceptor"], "report", "/reports", body, tally, key)
            continue
        case = chance.choice(shared)
        name, who, body = _next(case, path) if chance.random() < 0.8 else chance.choice(path)
        _send(client, people[who], name, f"/cases/{case}/{name.replace('_', '-')}", body, tally)
    connection.close()


def _next(case: int, path: list[tuple[str, str, dict[str, Any]]]) -> Any:
    """The step that the case's state asks for, as every other writer would also choose it."""
    from chengyun.governance.models import Case

    state = Case.objects.values_list("state", flat=True).get(pk=case)
    fitting = {
        "reported": "accept", "pending_file": "file", "pending_dispatch": "dispatch",
        "pending_handle": "sign", "handling": "finish", "pending_feedback": "forward",
        "pending_check": "rework", "pending_close": "close", "suspended": "resume",
    }.get(state, "urge")  # fmt: skip
    return next(step for step in path if step[0] == fitting)


def _send(
    client: Any,
    person: Any,
    what: str,
    path: str,
    body: dict[str, Any],
    tally: Tally,
    key: str | None = None,
) -> None:
    headers = {"Authorization": f"Bearer {person.token}"}
    if key is not None:
        headers["Idempotency-Key"] = key
    answer = client.post(
        f"/api{path}", json.dumps(body), content_type="application/json",
        headers=headers,
    )  # fmt: skip
    tally.add(what, answer.status_code, answer.content.decode(errors="replace"))


CHECKS = {
    "cases whose version is not one more than their steps": """
        SELECT count(*) FROM governance_case c JOIN (
            SELECT case_id, count(*) AS n, max(seq) AS top FROM governance_caserecord
            GROUP BY case_id) r ON r.case_id = c.id
        WHERE (r.n <> c.version OR r.top <> c.version) AND c.description NOT LIKE '市民反映%'""",
    "cases without a record": """
        SELECT count(*) FROM governance_case c JOIN governance_report r ON r.case_id = c.id
        WHERE NOT EXISTS (SELECT FROM governance_caserecord x WHERE x.case_id = c.id)
          AND c.description NOT LIKE '市民反映%'""",
    "case numbers given twice": """
        SELECT count(*) FROM (SELECT number FROM governance_case WHERE number IS NOT NULL
                              GROUP BY number HAVING count(*) > 1) x""",
    "days and districts whose numbers have a gap": """
        SELECT count(*) FROM governance_casenumber n
        WHERE n.last <> (SELECT count(*) FROM governance_case c WHERE c.filed_at IS NOT NULL
                           AND c.number LIKE n.prefix || '%' AND c.number NOT LIKE 'B%'
                           AND c.number LIKE '%' || to_char(n.day, 'YYYYMMDD') || '%')""",
    "submissions that became two reports": """
        SELECT count(*) FROM (SELECT text FROM governance_report WHERE text LIKE '同一来电%'
                              GROUP BY text HAVING count(*) > 1) x""",
    "steps without an audit entry": """
        SELECT (SELECT count(*) FROM governance_caserecord WHERE operation <> 'receive')
             - (SELECT count(*) FROM core_auditentry WHERE action LIKE 'governance.case.%'
                  AND action <> 'governance.case.receive')""",
}


def report(tally: Tally, spent: float, writers: int) -> int:
    """Print what happened; 1 when something that must hold does not."""
    from django.db import connection

    calls = sum(tally.answers.values())
    done = sum(n for key, n in tally.answers.items() if key.endswith(("200", "201")))
    print(f"{writers} writers, {calls} calls in {spent:.1f} s: {calls / spent:.0f} a second, "
          f"{done} done, the others refused")  # fmt: skip
    by_status = Counter[str]()
    for key, n in tally.answers.items():
        by_status[key.rsplit(" ", 1)[1]] += n
    print("  answers:", ", ".join(f"{status} × {n}" for status, n in sorted(by_status.items())))
    faults = 0
    with connection.cursor() as cursor:
        for what, sql in CHECKS.items():
            cursor.execute(sql)
            number = cursor.fetchone()[0]
            faults += number != 0
            print(f"  {'ok ' if number == 0 else 'NOT'} {what}: {number}")
    for text in tally.unexpected[:5]:
        print("  NOT expected:", text)
    return 1 if faults or tally.unexpected else 0


if __name__ == "__main__":
    raise SystemExit(main())
