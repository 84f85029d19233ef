"""``chengyun surveys``: what surveys would change, and whether they may."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chengyun.config.language import said

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
            f"{survey.pk:>6}  {survey.state:<9}  {survey.register:<10}  "
            + said(
                f"{survey.title}：新增 {survey.new:,}，变更 {survey.changed:,}，"
                f"消失 {survey.gone:,}，不变 {survey.same:,}，拒收 {survey.rejected:,}",
                f"{survey.title}: {survey.new:,} new, {survey.changed:,} changed, "
                f"{survey.gone:,} gone, {survey.same:,} the same, {survey.rejected:,} rejected",
            )
        )
    if not rows:
        typer.echo(said("没有待处理的普查批次。", "No survey waits."))


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
    from chengyun.cli.import_city import rejected_rows, tell, write_rejected

    survey = _survey(number)
    tell(survey, f"{survey.pk} {survey.title} ({survey.state})")
    for verdict, word in (("changed", said("变更", "changed")), ("gone", said("消失", "gone"))):
        for row in survey.rows.filter(verdict=verdict)[:limit]:
            declined = said("（不采纳）", "  (left out)") if row.declined else ""
            typer.echo(f"  {word} {row.code}: {row.before or ''} → {row.after or ''}{declined}")
    reasons = survey.rows.filter(verdict="rejected").values("reason").annotate(n=Count("id"))
    for found in reasons.order_by("-n"):
        words = WORDS[Reason(found["reason"])]
        count = f"{found['n']:,}"
        typer.echo(
            said(
                f"  拒收 {count}：{words.zh} → {words.remedy_zh}",
                f"  rejected {count}: {words.en} → {words.remedy_en}",
            )
        )
    if rejected is not None and write_rejected(survey, rejected):
        typer.echo(rejected_rows(rejected))


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
    typer.echo(
        said(
            f"普查批次 {survey.pk} 已放弃，登记册未作改动。",
            f"Survey {survey.pk} is discarded; nothing of the register was changed.",
        )
    )


def _survey(number: int) -> "Survey":
    from chengyun.city.models import Survey

    found = Survey.objects.filter(pk=number).first()
    if found is None:
        raise typer.BadParameter(
            said(f"没有普查批次 {number}", f"there is no survey {number}"), param_hint="NUMBER"
        )
    return found
