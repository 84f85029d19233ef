"""``chengyun layers``: the layers of the map that are data."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from chengyun.config.language import said

if TYPE_CHECKING:
    from chengyun.city.layers.description import Description

app = typer.Typer(no_args_is_help=True, help="Layers of the map: list, show, remove them.")

Code = Annotated[str, typer.Argument(help="Code of the layer.")]


@app.callback()
def group() -> None:
    """Layers of the map: list, show, remove them."""


@app.command("list")
def list_layers() -> None:
    """Every layer that is data, in the order of the tree."""
    from chengyun.city.layers.description import all_layers
    from chengyun.city.layers.tables import rows_of

    layers = all_layers()
    for each in layers:
        rows = each.relation
        if each.own_table:
            count = f"{rows_of(each.code):,}"
            rows = said(f"{count} 行", f"{count} rows")
        place = f"{each.folder}/" if each.folder else ""
        name = said(each.zh, each.en)
        typer.echo(f"{each.code:<24}  {each.shape:<8}{each.access:<10}  {place}{name}  {rows}")
    if not layers:
        typer.echo(
            said(
                "没有图层。新建：chengyun import layer FILE --code … --name …",
                "There is no layer. Make one by: chengyun import layer FILE --code … --name …",
            )
        )


@app.command()
def show(code: Code) -> None:
    """A layer with all its settings, as JSON."""
    from dataclasses import asdict

    from chengyun.city.layers.tables import rows_of

    layer = _found(code)
    told = asdict(layer)
    for name in ("id", "stamp", "organisation_path"):
        del told[name]
    told["roles"] = sorted(layer.roles)
    told["rows"] = rows_of(code) if layer.own_table else None
    typer.echo(json.dumps(told, ensure_ascii=False, indent=2))


@app.command()
def remove(
    code: Code,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take a layer off the map. A table that was made for it goes with its rows."""
    from chengyun.city.actions.layers import remove_layer
    from chengyun.cli.session import command_actor

    layer = _found(code)
    if not yes:
        what = (
            said("及其所有行", "with all its rows")
            if layer.own_table
            else said(f"（{layer.relation} 保留）", f"({layer.relation} stays)")
        )
        question = said(
            f"移除图层 {code} {layer.zh}{what}？", f"Remove layer {code} {layer.en} {what}?"
        )
        typer.confirm(question, abort=True)
    remove_layer(actor=command_actor(), code=code)
    typer.echo(said(f"图层 {code} 已移除。", f"Layer {code} is removed."))


def _found(code: str) -> "Description":
    from chengyun.city.layers.description import one_layer

    layer = one_layer(code)
    if layer is None:
        typer.echo(said(f"没有图层 {code}。", f"There is no layer {code}."), err=True)
        raise typer.Exit(1)
    return layer
