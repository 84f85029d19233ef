"""``chengyun export``: what leaves the platform as a file."""

import json
from pathlib import Path
from typing import Annotated

import typer

from chengyun.cli.export_cases import cases
from chengyun.config.language import said

app = typer.Typer(no_args_is_help=True, help="Write data and descriptions to files.")
app.command()(cases)


@app.command()
def openapi(
    out: Annotated[Path, typer.Argument(help="File to write.")] = Path("openapi.json"),
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether the file is current.")
    ] = False,
) -> None:
    """Write the description of the API (OpenAPI 3.1) that clients are generated from."""
    from chengyun.config.api import api

    text = json.dumps(api.get_openapi_schema(), indent=1, ensure_ascii=False, default=str) + "\n"
    if not check:
        out.write_text(text, encoding="utf-8")
        return
    if not out.exists() or out.read_text(encoding="utf-8") != text:
        typer.secho(
            said(
                f"{out} 不是最新：运行 `make reference` 并提交。",
                f"{out} is not current: run `make reference` and commit it.",
            ),
            err=True,
        )
        raise typer.Exit(1)
