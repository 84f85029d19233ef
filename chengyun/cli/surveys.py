"""``chengyun surveys``: what surveys would change, and whether they may."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from chengyun.city.models import Survey

app = typer.Typer(
    no_args_is_help=True, help="Surveys that were imported: show, apply, discard them."
)

Number = Annotated[int, typer.Argument(help="Number of the survey.")]


@app.callback()
def group() -> None:
    """Surveys that were imported: show, apply, discard them."""


@app.command("list")
def list_surveys(
    every: Annotated[bool, typer.Option("--all", help="Finished ones too.")] = False,
) -> None:
    """Surveys that wait, the newest first."""
    from chengyun.city.models import Survey

    rows = Survey.objects.all() if every else Survey.objects.filter(state__in=["reading", "review"])
    for survey in rows[:200]:
        typer.echo(
            f"{survey.pk:>6}  {survey.state:<9}  {survey.register:<10}  {survey.title}: "
            f"{survey.new:,} new, {survey.changed:,} changed, {survey.gone:,} gone, "
            f"{survey.same:,} the same, {survey.rejected:,} rejected"
        )
    if not rows:
        typer.echo("No survey waits.")


@app.command()
def show(
    number: Number,
    limit: Annotated[int, typer.Option(help="Examples of each kind.", min=0)] = 5,
    rejected: Annotated[
        Path | None, typer.Option(help="Write the rejected rows there (.csv or .geojson).")
    ] = None,
) -> None:
    """What a survey would change, with examples."""
    from django.db.models import Count

    from chengyun.city.survey.reasons import WORDS, Reason
    from chengyun.cli.import_city import tell, write_rejected

    survey = _survey(number)
    tell(survey, f"{survey.pk} {survey.title} ({survey.state})")
    for verdict in ("changed", "gone"):
        for row in survey.rows.filter(verdict=verdict)[:limit]:
            declined = "  (left out)" if row.declined else ""
            typer.echo(f"  {verdict} {row.code}: {row.before or ''} → {row.after or ''}{declined}")
    reasons = survey.rows.filter(verdict="rejected").values("reason").annotate(n=Count("id"))
    for found in reasons.order_by("-n"):
        words = WORDS[Reason(found["reason"])]
        typer.echo(f"  rejected {found['n']:,}: {words.zh} {words.en} → {words.remedy_en}")
    if rejected is not None and write_rejected(survey, rejected):
        typer.echo(f"The rejected rows with their reasons: {rejected}")


@app.command()
def apply(
    number: Number,
    force: Annotated[bool, typer.Option(help="Although many rows were rejected.")] = False,
) -> None:
    """Bring a survey into its register, all of it or nothing."""
    from chengyun.city.actions.surveys import apply_survey
    from chengyun.cli.import_city import tell
    from chengyun.cli.session import command_actor

    survey = apply_survey(actor=command_actor(), survey=_survey(number), force=force)
    tell(survey, survey.title)


@app.command()
def discard(number: Number) -> None:
    """Give a survey up."""
    from chengyun.city.actions.surveys import discard_survey
    from chengyun.cli.session import command_actor

    survey = discard_survey(actor=command_actor(), survey=_survey(number))
    typer.echo(f"Survey {survey.pk} is discarded; nothing of the register was changed.")


def _survey(number: int) -> "Survey":
    from chengyun.city.models import Survey

    found = Survey.objects.filter(pk=number).first()
    if found is None:
        raise typer.BadParameter(f"there is no survey {number}", param_hint="NUMBER")
    return found
