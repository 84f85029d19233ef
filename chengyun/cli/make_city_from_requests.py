"""``chengyun make city-from-requests``: a city folder out of what requests name."""

from pathlib import Path
from typing import Annotated

import typer

from chengyun.config.language import said


def city_from_requests(
    files: Annotated[
        list[Path], typer.Argument(help="The files that will be imported.", exists=True)
    ],
    mapping: Annotated[
        Path, typer.Option("--map", help="Their mapping, with a table `city` in it.", exists=True)
    ],
    out: Annotated[Path, typer.Option(help="The city folder to write.")],
) -> None:
    """Write a minimal city folder: the organisations, classes and areas that requests name.

    For a city whose lists nobody has at hand. Codes are numbers in the order of names; run again
    with more files, codes given before stay.
    """
    from chengyun.governance.intake.city_from_requests import make_city
    from chengyun.governance.intake.mapping import read_mapping

    found = make_city(files, read_mapping(mapping), out)
    typer.echo(
        said(
            f"{out}：由 {found.rows:,} 件诉求得出 {len(found.organisations):,} 个机构、"
            f"{len(found.matters):,} 个事项、{len(found.areas):,} 个区域。"
            f"下一步：chengyun load {out}",
            f"{out}: {len(found.organisations):,} organisations, {len(found.matters):,} matters, "
            f"{len(found.areas):,} areas out of {found.rows:,} requests. "
            f"Next: chengyun load {out}",
        )
    )
