"""``chengyun export cases``: cases into a file, from the command line."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from chengyun.config.language import language as asked
from chengyun.config.language import said
from chengyun.core.words import Language


def cases(
    out: Annotated[Path, typer.Option(help="File to write.")],
    form: Annotated[
        Literal["csv", "xlsx", "geojson"], typer.Option("--format", help="Form of the file.")
    ] = "csv",
    language: Annotated[
        Language | None, typer.Option(help="Language of headings and names; yours unless given.")
    ] = None,
    state: Annotated[list[str] | None, typer.Option(help="States, several allowed.")] = None,
    area: Annotated[list[str] | None, typer.Option(help="Area codes, subtrees count.")] = None,
    department: Annotated[
        list[str] | None, typer.Option(help="Organisation codes, subtrees count.")
    ] = None,
    matter: Annotated[list[str] | None, typer.Option(help="Class or subclass tokens.")] = None,
    reported_from: Annotated[
        datetime | None, typer.Option(help="Reported at or after this local time.")
    ] = None,
    reported_until: Annotated[
        datetime | None, typer.Option(help="Reported before this local time.")
    ] = None,
    text: Annotated[str, typer.Option(help="Words in description, address or number.")] = "",
) -> None:
    """Write cases to a file: CSV and GeoJSON of any size, XLSX up to its limit.

    Times are in the city's zone, positions in CGCS2000. The export is audited.
    """
    from chengyun.cli.session import command_actor
    from chengyun.core.table_files import STREAMS, write_xlsx
    from chengyun.governance import clocks
    from chengyun.governance.api.cases import CaseQuery, as_filter
    from chengyun.governance.api.export import record_export
    from chengyun.governance.export import case_table
    from chengyun.governance.queries import filter_cases, visible_cases

    zone = clocks.calendar().tz
    actor = command_actor()
    query = CaseQuery(
        state=state or [],
        area=area or [],
        department=department or [],
        matter=matter or [],
        reported_from=reported_from.replace(tzinfo=zone) if reported_from else None,
        reported_until=reported_until.replace(tzinfo=zone) if reported_until else None,
        text=text,
    )
    wanted = filter_cases(visible_cases(actor.scope), as_filter(query, actor))
    table = case_table(wanted, form, language or asked())
    # Beside the file first: a broken export never passes for a whole one.
    draft = out.with_name(f"{out.name}.part")
    with draft.open("wb") as file:
        if form == "xlsx":
            write_xlsx(table, file)
        else:
            for block in STREAMS[form](table):
                file.write(block)
    draft.replace(out)
    record_export(actor, form, query.model_dump(mode="json", exclude_defaults=True))
    size = f"{out.stat().st_size:,}"
    typer.echo(said(f"{out}：{size} 字节", f"{out}: {size} bytes"))
