"""``chengyun audit``: is the record of what was done still what was written?"""

from typing import Annotated

import typer

from chengyun.config.language import said

app = typer.Typer(help="The audit: seal it, verify it.", no_args_is_help=True)


@app.command()
def verify(
    as_json: Annotated[bool, typer.Option("--json", help="The result as JSON.")] = False,
) -> None:
    """Compute every seal anew. Exit code 1 and the first broken seal when something differs."""
    import json
    from dataclasses import asdict

    from chengyun.core.audit import verify_audit

    result = verify_audit()
    if as_json:
        typer.echo(json.dumps(asdict(result)))
    elif result.ok:
        typer.echo(
            said(
                f"审计记录完整：{result.seals} 个封印，覆盖 {result.entries} 条记录。",
                f"The audit is whole: {result.seals} seals over {result.entries} entries.",
            )
        )
    else:
        typer.secho(
            said(
                f"封印 {result.first_broken} 已破坏：{result.why_zh}。"
                f"此前的 {result.seals} 个封印完整。",
                f"Seal {result.first_broken} is broken: {result.why}. "
                f"The {result.seals} seals before it are whole.",
            ),
            fg=typer.colors.RED,
            err=True,
        )
    if not result.ok:
        raise typer.Exit(1)


@app.command()
def seal() -> None:
    """Seal what is not sealed yet; a background job does this every minute."""
    from chengyun.core.audit import seal_audit

    count = seal_audit()
    typer.echo(said(f"已封存 {count} 条记录。", f"{count} entries sealed."))
