"""``chengyun demo``: a simulated city, loaded once, with a week and today already played."""

import typer

from chengyun.config.environment import Environment, environment

CITY = "server.demo.city"
PAST = "server.demo.past"
DAY = "server.demo.day"
#: Enough for trends and overdue cases, few enough that nobody waits long.
PAST_DAYS, PAST_REPORTS_A_DAY, REPORTS_TODAY = 7, 40, 200


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @app.command(rich_help_panel="Running")
    def demo() -> None:
        """Make and load the simulated city and play its last days, once."""
        prepare(environment())


def prepare(settings: Environment) -> None:
    """Make, load and play the simulated city; what was done before is not done again."""
    from chengyun.cli import call
    from chengyun.server.progress import say

    folder = settings.var / "demo" / "city"
    if not _done(CITY):
        say("Making a simulated city …")
        call("simulate", "city", str(folder), "--components", str(settings.demo_components))
        say("Loading the city …")
        call("load", str(folder))
        _note(CITY, "载入演示城市", "The simulated city was loaded")
    if not _done(PAST):
        say(f"Playing the last {PAST_DAYS} days …")
        days, reports = str(PAST_DAYS), str(PAST_REPORTS_A_DAY)
        call("simulate", "history", "--days", days, "--per-day", reports)
        _note(PAST, "推演过去数日", "The simulated days before were played")
    if _done(DAY):
        say("The demonstration city is loaded already.")
        return
    say("Playing today up to this minute …")
    call("simulate", "day", "--cases", str(REPORTS_TODAY))
    _note(DAY, "推演今日", "The simulated day of today was played")


def _done(action: str) -> bool:
    """Whether the step is recorded in this very database: the audit log is its own marker."""
    from chengyun.core.models import AuditEntry

    return AuditEntry.objects.filter(action=action).exists()


def _note(action: str, zh: str, en: str) -> None:
    from chengyun.cli.session import command_actor
    from chengyun.core.audit import record

    record(
        actor=command_actor(),
        action=action,
        object_type="server.demo",
        object_id="demo",
        zh=zh,
        en=en,
    )
