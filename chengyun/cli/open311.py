"""``chengyun open311``: check a GeoReport v2 server, ours or any other."""

from typing import Annotated

import typer

from chengyun.config.language import said

app = typer.Typer(help="Open311 GeoReport v2.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Open311 GeoReport v2."""


@app.command()
def conformance(
    url: Annotated[
        str,
        typer.Argument(
            help="Address of the GeoReport v2 endpoint, such as https://city.example/open311/v2"
        ),
    ],
    jurisdiction: Annotated[str, typer.Option(help="jurisdiction_id, where one is needed.")] = "",
    discovery: Annotated[
        str, typer.Option(help="Address of discovery without suffix, when it lies elsewhere.")
    ] = "",
    api_key: Annotated[
        str, typer.Option(help="A valid key: also checks that incomplete submissions are refused.")
    ] = "",
    timeout: Annotated[float, typer.Option(help="Seconds to wait for each answer.")] = 20.0,
) -> None:
    """Run the checks that change nothing and print a table; exit 1 when a required one fails."""
    import httpx
    from rich.console import Console
    from rich.table import Table

    from chengyun.open311.conformance import Outcome, run

    colours = {Outcome.PASS: "green", Outcome.WARN: "yellow", Outcome.FAIL: "red"}
    table = Table(
        said("检查", "check"), said("格式", "format"), said("结果", "result"),
        said("所见", "what was seen"), title=url,
    )  # fmt: skip
    failed = 0
    with httpx.Client(timeout=timeout, follow_redirects=True) as client:
        for result in run(
            client, url, jurisdiction=jurisdiction, discovery=discovery, api_key=api_key
        ):
            failed += result.outcome is Outcome.FAIL
            colour = colours.get(result.outcome, "white")
            table.add_row(result.name, result.fmt, f"[{colour}]{result.outcome}[/]", result.seen)
    Console().print(table)
    if failed:
        typer.echo(
            said(f"{failed} 项必需检查未通过。", f"{failed} required checks failed."), err=True
        )
        raise typer.Exit(1)
