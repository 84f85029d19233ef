"""``chengyun demo``: a simulated city, loaded once, with four weeks behind it and today played."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import typer

from chengyun.config.environment import Environment, environment
from chengyun.config.language import said

#: Closed cases of the weeks before: what a day is compared with, and what ranks stand on.
WEEKS_DAYS, WEEKS_CASES = 28, 4_500
#: Played step by step: enough for overdue cases, few enough that nobody waits long.
PAST_DAYS, PAST_REPORTS_A_DAY, REPORTS_TODAY = 7, 40, 200


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @app.command(rich_help_panel="Running")
    def demo() -> None:
        """Make and load the simulated city and play its last days, once."""
        prepare(environment())


@dataclass(frozen=True)
class Step:
    """What is done once: `action` marks in the audit log that it was, under the names `zh`, `en`.
    It is passed over where the file `needs` is not there."""

    action: str
    saying: str
    commands: tuple[tuple[str, ...], ...]
    zh: str
    en: str
    needs: Path | None = None


def steps(settings: Environment) -> Iterator[Step]:
    """How the simulated city comes about, in this order."""
    folder = settings.var / "demo" / "city"
    yield Step(
        "server.demo.city",
        said("正在生成并载入演示城市……", "Making a simulated city and loading it …"),
        (
            ("simulate", "city", str(folder), "--components", str(settings.demo_components)),
            ("load", str(folder)),
        ),
        "载入演示城市",
        "The simulated city was loaded",
    )
    roads = folder / "layers" / "roads.geojson"
    yield Step(
        "server.demo.roads",
        said("正在绘制其道路……", "Drawing its roads …"),
        (
            (
                "import", "layer", str(roads), "--code", "roads", "--name", "道路",
                "--name-en", "Roads", "--about", "模拟城市的道路", "--access", "public",
                "--style", str(roads.with_suffix(".style.json")), "--minzoom", "9", "--roads",
                "--visible",
            ),
        ),
        "导入演示城市的道路",
        "The roads of the simulated city were brought in",
        needs=roads,  # a city made by an earlier version has none
    )  # fmt: skip
    yield Step(
        "server.demo.weeks",
        said(f"正在补入过去 {WEEKS_DAYS} 天……", f"Recalling the last {WEEKS_DAYS} days …"),
        (
            (
                "simulate", "bulk", "--cases", str(WEEKS_CASES), "--days", str(WEEKS_DAYS),
                "--ended",
            ),
        ),
        "补入过去四周的已结案件",
        "The closed cases of four weeks were put in",
    )  # fmt: skip
    yield Step(
        "server.demo.past",
        said(f"正在推演过去 {PAST_DAYS} 天……", f"Playing the last {PAST_DAYS} days …"),
        (
            (
                "simulate", "history", "--days", str(PAST_DAYS), "--per-day",
                str(PAST_REPORTS_A_DAY),
            ),
        ),
        "推演过去数日",
        "The simulated days before were played",
    )  # fmt: skip
    yield Step(
        "server.demo.day",
        said("正在推演今日至此刻……", "Playing today up to this minute …"),
        (("simulate", "day", "--cases", str(REPORTS_TODAY)),),
        "推演今日",
        "The simulated day of today was played",
    )


def prepare(settings: Environment) -> None:
    """Make, load and play the simulated city; what was done before is not done again."""
    from chengyun.cli import call
    from chengyun.server.progress import say

    done = _done()
    before = len(done)
    for step in steps(settings):
        if step.action in done or (step.needs is not None and not step.needs.exists()):
            continue
        say(step.saying)
        for command in step.commands:
            call(*command)
        _note(step)
        done.add(step.action)
    if len(done) == before:
        say(said("演示城市已载入过。", "The demonstration city is loaded already."))


def _done() -> set[str]:
    """The steps that are recorded in this very database: the audit log is its own marker."""
    from chengyun.core.models import AuditEntry

    entries = AuditEntry.objects.filter(object_type="server.demo").order_by()
    return set(entries.values_list("action", flat=True))


def _note(step: Step) -> None:
    from chengyun.cli.session import command_actor
    from chengyun.core.audit import record

    record(
        actor=command_actor(),
        action=step.action,
        object_type="server.demo",
        object_id="demo",
        zh=step.zh,
        en=step.en,
    )
