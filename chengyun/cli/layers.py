"""``chengyun layers``: the layers of the map that are data."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

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
        rows = f"{rows_of(each.code):,} rows" if each.own_table else each.relation
        place = f"{each.folder}/" if each.folder else ""
        typer.echo(f"{each.code:<24}  {each.shape:<8}{each.access:<10}  {place}{each.zh}  {rows}")
    if not layers:
        typer.echo("There is no layer. Make one by: chengyun import layer FILE --code … --name …")


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
        what = "with all its rows" if layer.own_table else f"({layer.relation} stays)"
        typer.confirm(f"Remove layer {code} {layer.zh} {what}?", abort=True)
    remove_layer(actor=command_actor(), code=code)
    typer.echo(f"Layer {code} is removed.")


def _found(code: str) -> "Description":
    from chengyun.city.layers.description import one_layer

    layer = one_layer(code)
    if layer is None:
        typer.echo(f"There is no layer {code}.", err=True)
        raise typer.Exit(1)
    return layer
