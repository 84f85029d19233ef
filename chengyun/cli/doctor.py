"""``chengyun doctor``: what is wrong here, and what mends it."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

COLOURS = {"ok": typer.colors.GREEN, "warn": typer.colors.YELLOW, "fail": typer.colors.RED}


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @app.command(rich_help_panel="Running")
    def doctor(
        as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
    ) -> None:
        """Examine database, disk, clock, settings, messages, jobs. Exit code 1 on a failure."""
        from chengyun.server.doctor import examine

        findings = list(examine())
        if as_json:
            typer.echo(json.dumps([asdict(f) for f in findings], indent=1, ensure_ascii=False))
        for finding in [] if as_json else findings:
            typer.secho(f"{finding.level:<5}", fg=COLOURS[finding.level], nl=False)
            typer.echo(f"{finding.name:<11} {finding.detail}")
            if finding.mend:
                typer.echo(f"{'':<16} mend: {finding.mend}")
        if any(finding.level == "fail" for finding in findings):
            raise typer.Exit(1)
