"""``chengyun demo``: a simulated city, loaded once, with one working day already played."""

import typer

from chengyun.config.environment import Environment, environment

CITY = "server.demo.city"
DAY = "server.demo.day"


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @app.command(rich_help_panel="Running")
    def demo() -> None:
        """Make and load the simulated city and play one working day, once."""
        prepare(environment())


def prepare(settings: Environment) -> None:
    """Make, load and play the simulated city; what was done before is not done again."""
    from chengyun.cli import call
    from chengyun.server.progress import say

    folder = settings.var / "demo" / "city"
    if not _done(CITY):
        say("Making a simulated city …")
        call("simulate", "city", str(folder))
        say("Loading the city …")
        call("load", str(folder))
        _note(CITY, "载入演示城市", "The simulated city was loaded")
    if _done(DAY):
        say("The demonstration city is loaded already.")
        return
    say("Playing one working day …")
    call("simulate", "day")
    _note(DAY, "推演一个工作日", "One simulated working day was played")


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
