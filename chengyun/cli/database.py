"""``chengyun migrate``, ``settings``, ``commands``: the tables, and what there is to know."""

from typing import Annotated

import typer

from chengyun.config.environment import environment
from chengyun.config.language import said


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""

    @app.command(rich_help_panel="Running")
    def migrate() -> None:
        """Bring the tables up to date. Safe to repeat, safe from several machines."""
        from chengyun.server.schema import migrate as apply

        count = len(apply())
        typer.echo(
            said(f"已执行 {count} 个迁移。", f"{count} migrations applied.")
            if count
            else said("无需改动。", "Nothing to do.")
        )

    @app.command(rich_help_panel="Running")
    def settings(
        markdown: Annotated[
            bool, typer.Option(help="The whole list, as docs/settings.md holds it.")
        ] = False,
    ) -> None:
        """Show every setting with the value in force; secrets are hidden."""
        from chengyun.config.reference import settings_page, settings_table

        typer.echo(settings_page() if markdown else settings_table(environment()), nl=not markdown)

    @app.command(rich_help_panel="Running")
    def commands() -> None:
        """Print every command with its options, as docs/commands.md holds it."""
        from chengyun.cli.reference import commands_page

        typer.echo(commands_page(app), nl=False)
