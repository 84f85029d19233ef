"""``python -m bench.screen_soak``: the command screen for weeks, in minutes: does it grow?

A server and a Chromium of its own; 20,000 events of the city's cases go through the database, the
live stream and the page: figures, curve, newest cases and map follow them all the while. What
the page's JavaScript holds after a collection of garbage is measured on the way; after 20,000
events it may be at most 1.3 times of after 2,000. Workers (the map's) are not counted.
"""

import argparse
import json
import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg

NAME = "chengyun_bench_screen"
CASES = 2_000
MARKS = (500, 1_000, 2_000, 5_000, 10_000, 20_000)
MOST = 1.3
#: Events of one transaction, as a busy city's steps come in.
BATCH = 20
#: After the last event the page reads rows (2 s) and draws the map anew (10 s).
SETTLE_SECONDS = 14

#: Counts what the page hears, beside the page's own listeners.
COUNT = """(() => {
  const Native = window.EventSource
  window.heard = 0
  window.EventSource = class extends Native {
    constructor(...given) {
      super(...given)
      this.addEventListener('message', () => { window.heard += 1 })
    }
  }
})()"""

_CASES = "SELECT id, number, state, version, scope_areas, scope_orgs, scope_matters \
FROM governance_case ORDER BY id DESC LIMIT %s"
_EVENT = """
INSERT INTO core_domainevent (at, kind, subject_type, subject_id, payload, public,
    scope_areas, scope_orgs, scope_matters)
VALUES (%s, %s, 'case', %s, %s, false, %s, %s, %s)
"""
#: Kind, state after, state before; a receipt in every fourth.
_STEPS = (
    ("receive", "reported", None),
    ("accept", "pending_file", "reported"),
    ("dispatch", "pending_handle", "pending_dispatch"),
    ("close", "closed", "pending_close"),
)


@dataclass(frozen=True)
class Held:
    """What the page holds after so many events: bytes of heap, nodes and listeners of the DOM."""

    events: int
    heap: int
    nodes: int
    listeners: int


class Source:
    """Events of random cases, written as the actions write them."""

    def __init__(self, database: str, cases: int = 500) -> None:
        self._link = psycopg.connect(database, autocommit=False)
        self._rows = self._link.execute(_CASES, [cases]).fetchall()
        self._link.commit()
        assert self._rows, "there is no case to tell of"
        self._chance = random.Random(1)
        self.sent = 0

    def send(self, number: int, per_second: float) -> None:
        """Write so many, at the given pace."""
        start, first = time.monotonic(), self.sent
        while self.sent - first < number:
            size = min(BATCH, number - (self.sent - first))
            with self._link.transaction(), self._link.cursor() as cursor:
                cursor.executemany(_EVENT, [self._event() for _ in range(size)])
            self.sent += size
            due = start + (self.sent - first) / per_second
            time.sleep(max(0.0, due - time.monotonic()))

    def close(self) -> None:
        self._link.close()

    def _event(self) -> tuple[Any, ...]:
        case, number, _, version, areas, orgs, matters = self._chance.choice(self._rows)
        step, state, before = self._chance.choice(_STEPS)
        at = datetime.now(UTC)
        payload = {"number": number, "state": state, "version": version, "at": at.isoformat()}
        if before:
            payload["before"] = before
        kind = f"governance.case.{step}"
        return at, kind, str(case), json.dumps(payload), areas, orgs, matters


def soak(
    page: Any, source: Source, marks: Sequence[int], per_second: float, tell: Callable[[Held], None]
) -> list[Held]:
    """Sends events up to each mark and measures there. The page's context must run `COUNT`."""
    tools = page.context.new_cdp_session(page)
    tools.send("HeapProfiler.enable")
    found = []
    for mark in marks:
        source.send(mark - source.sent, per_second)
        # As a function: a bare expression is asked again by eval, which the pages forbid.
        page.wait_for_function("mark => window.heard >= mark", arg=mark, timeout=60_000)
        page.wait_for_timeout(SETTLE_SECONDS * 1000)
        found.append(_held(tools, mark))
        tell(found[-1])
    return found


def _held(tools: Any, events: int) -> Held:
    for _ in range(3):  # what is freed by finalizers goes with the next one
        tools.send("HeapProfiler.collectGarbage")
    heap = tools.send("Runtime.getHeapUsage")["usedSize"]
    counted = tools.send("Memory.getDOMCounters")
    return Held(events, int(heap), counted["nodes"], counted["jsEventListeners"])


def growth(found: Sequence[Held], first: int) -> float:
    """The heap at the end over the heap after `first` events."""
    start = next(held for held in found if held.events == first)
    return found[-1].heap / start.heap


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.screen_soak", description=__doc__)
    parser.add_argument("--per-second", type=float, default=100)
    given = parser.parse_args(arguments)
    from bench.database import migrate, own_database

    own_database(NAME, fresh=True)
    migrate()
    from django.db import connection

    from bench import world
    from bench.pages import served, session_of
    from chengyun.core.models import Role

    with connection.cursor() as cursor:
        world.build(cursor, CASES)
    cookies = session_of(Role.LEADER)
    with served() as url:
        return _run(url, cookies, given.per_second)


def _run(url: str, cookies: dict[str, str], per_second: float) -> int:
    from playwright.sync_api import sync_playwright

    from bench.pages import FLAGS, chromium

    source = Source(os.environ["DATABASE_URL"])
    print(f"\nThe command screen at {per_second:.0f} events a second, heap after garbage is gone")
    print(f"  {'events':>7} {'heap MB':>8} {'nodes':>7} {'listeners':>10}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        context = browser.new_context(
            viewport={"width": 1920, "height": 1080}, base_url=url, locale="zh-CN"
        )
        context.add_cookies([{"name": k, "value": v, "url": url} for k, v in cookies.items()])
        context.add_init_script(COUNT)
        page = context.new_page()
        page.goto("/screen")
        page.wait_for_selector(".kpis", timeout=60_000)
        page.wait_for_selector("[data-map=idle]", timeout=60_000)
        found = soak(page, source, MARKS, per_second, _show)
        browser.close()
    source.close()
    ratio = growth(found, 2_000)
    verdict = "met" if ratio <= MOST else "NOT met"
    print(f"  heap after 20,000 over after 2,000: {ratio:.2f}, at most {MOST}: {verdict}")
    return int(ratio > MOST)


def _show(held: Held) -> None:
    print(
        f"  {held.events:>7,} {held.heap / 1e6:>8.1f} {held.nodes:>7,} {held.listeners:>10,}",
        flush=True,
    )


if __name__ == "__main__":
    raise SystemExit(main())
