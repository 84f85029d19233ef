"""``chengyun keys``: the keys that encrypt contact data."""

import typer

from chengyun.config.language import said

app = typer.Typer(help="Encryption keys of contact data.", no_args_is_help=True)


@app.command()
def new() -> None:
    """Print a fresh key. Put it first in CHENGYUN_SECRET_KEYS, restart, then run `keys rotate`."""
    from chengyun.core.encryption import new_key

    typer.echo(new_key())


@app.command()
def rotate() -> None:
    """Encrypt everything anew with the first key; afterwards the old keys may be removed."""
    from chengyun.cli.session import command_actor
    from chengyun.core.encryption import UndecipherableError
    from chengyun.core.rotation import rotate_keys

    try:
        count = rotate_keys(
            actor=command_actor(),
            progress=lambda done: typer.echo(said(f"\r{done} 行", f"\r{done} rows"), nl=False),
        )
    except UndecipherableError:
        typer.secho(
            said(
                "CHENGYUN_SECRET_KEYS 中没有能解开此值的密钥。"
                "请将加密时所用的密钥放回列表后再运行。",
                "No key of CHENGYUN_SECRET_KEYS opens this value. "
                "Put the key that encrypted it back into the list and run this again.",
            ),
            fg=typer.colors.RED,
            err=True,
        )
        raise typer.Exit(1) from None
    typer.echo(said(f"\r{count} 行已改用第一把密钥。", f"\r{count} rows are under the first key."))
