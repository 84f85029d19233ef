"""``chengyun alarms``: the machines that may raise alarms, and their secrets."""

from typing import Annotated

import typer

from chengyun.config.language import said

app = typer.Typer(
    help="Register the machines that raise alarms by signed webhook.", no_args_is_help=True
)

Code = Annotated[str, typer.Argument(help="Code of the source, as in its webhook address.")]


@app.command()
def register(
    code: Code,
    name: Annotated[str, typer.Argument(help="Name that people will read.")],
    matter: Annotated[
        str, typer.Option(help="Matter code that its alarms get when they name none.")
    ] = "",
) -> None:
    """Admit a source and print its secret, this once."""
    from chengyun.cli.session import command_actor
    from chengyun.governance.actions.alarm import register_alarm_source

    _, secret = register_alarm_source(actor=command_actor(), code=code, name=name, matter=matter)
    _show(code, secret)


@app.command()
def rotate(code: Code) -> None:
    """Give a source a new secret and print it; the old one ends at once."""
    from chengyun.cli.session import command_actor
    from chengyun.governance.actions.alarm import rotate_alarm_secret

    _, secret = rotate_alarm_secret(actor=command_actor(), code=code)
    _show(code, secret)


@app.command()
def disable(code: Code) -> None:
    """Stop a source: its alarms are refused."""
    _set_active(code, active=False)


@app.command()
def enable(code: Code) -> None:
    """Let a stopped source speak again."""
    _set_active(code, active=True)


@app.command("list")
def list_sources() -> None:
    """Show every source."""
    from rich.console import Console
    from rich.table import Table

    from chengyun.governance.models import AlarmSource

    table = Table(
        said("代码", "code"), said("名称", "name"), said("事项", "matter"), said("状态", "state")
    )
    for source in AlarmSource.objects.select_related("matter").order_by("code"):
        matter = source.matter.code if source.matter else ""
        table.add_row(source.code, source.name, matter, _state(source.active))
    Console().print(table)


def _set_active(code: str, *, active: bool) -> None:
    from chengyun.cli.session import command_actor
    from chengyun.governance.actions.alarm import set_alarm_source_active

    set_alarm_source_active(actor=command_actor(), code=code, active=active)
    typer.echo(said(f"{code}：{_state(active)}", f"{code}: {_state(active)}"))


def _state(active: bool) -> str:
    return said("启用", "active") if active else said("停用", "stopped")


def _show(code: str, secret: str) -> None:
    typer.echo(f"POST /api/alarms/{code}")
    typer.echo(said(f"密钥（仅显示这一次）：{secret}", f"secret (shown this once): {secret}"))
