"""``chengyun train``: the classifier that suggests the class of a report."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from chengyun.governance.models import ClassifierModel

app = typer.Typer(help="Train what suggestions are made from.", no_args_is_help=True)


@app.command()
def classifier(
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Only cases closed on or after this day (UTC)."),
    ] = None,
    min_samples: Annotated[
        int, typer.Option(min=3, help="Classes with fewer different texts are left out.")
    ] = 5,
    test_share: Annotated[
        float, typer.Option(min=0.05, max=0.5, help="Share of each class held out for measuring.")
    ] = 0.2,
    seed: Annotated[
        int, typer.Option(min=0, help="The same seed gives the same split and the same model.")
    ] = 0,
    activate: Annotated[bool, typer.Option(help="Put the model in use when it is done.")] = True,
) -> None:
    """Learn the class of a report from the city's closed cases; print how good it is."""
    from chengyun.cli.session import command_actor
    from chengyun.governance.suggestions.training import train_classifier

    model = train_classifier(
        actor=command_actor(),
        since=since.replace(tzinfo=UTC) if since else None,
        min_samples=min_samples,
        test_share=test_share,
        seed=seed,
        activate=activate,
        say=typer.echo,
    )
    _print_report(model)
    state = "in use" if model.active else f"not in use (chengyun train activate {model.pk})"
    typer.echo(f"model {model.pk}: {state}")


@app.command("list")
def list_models() -> None:
    """Show every trained classifier, newest first."""
    from rich.console import Console
    from rich.table import Table

    from chengyun.governance.models import ClassifierModel

    table = Table("model", "trained (UTC)", "edition", "texts", "classes", "macro-F1", "top-3", "")
    for model in ClassifierModel.objects.select_related("edition"):
        table.add_row(
            str(model.pk),
            f"{model.trained_at:%Y-%m-%d %H:%M}",
            model.edition.code,
            str(model.samples),
            str(model.classes),
            f"{model.macro_f1:.3f}",
            f"{model.report['top3']:.3f}",
            "in use" if model.active else "",
        )
    Console().print(table)


@app.command()
def activate(model: Annotated[int, typer.Argument(help="Number of the model, as listed.")]) -> None:
    """Use this model instead of the present one; other processes follow within 30 seconds."""
    from chengyun.cli.session import command_actor
    from chengyun.governance.suggestions.training import activate_classifier

    activate_classifier(actor=command_actor(), model_id=model)
    typer.echo(f"model {model}: in use")


def _print_report(model: "ClassifierModel") -> None:
    from rich.console import Console
    from rich.table import Table

    from chengyun.city.queries import catalogue

    known = catalogue().matter_of
    report = model.report
    table = Table("class", "name", "precision", "recall", "F1", "tested on")
    for token, row in sorted(report["per_class"].items(), key=lambda item: item[1]["f1"]):
        table.add_row(
            token.partition(":")[2],
            known[token].name_zh if token in known else "",
            *(f"{row[measure]:.2f}" for measure in ("precision", "recall", "f1")),
            str(row["support"]),
        )
    console = Console()
    console.print(table)
    console.print(
        f"macro-F1 {report['macro_f1']:.3f} (most frequent class: "
        f"{report['baseline_macro_f1']:.3f}), accuracy {report['accuracy']:.3f} "
        f"({report['baseline_accuracy']:.3f}), top-3 {report['top3']:.3f}"
    )
    if report["calibration_error"] is not None:
        console.print(f"confidence is off by {report['calibration_error']:.3f} on average")
    console.print(
        f"{report['samples']} different texts, {report['left_out']} left out (rare classes), "
        f"trained on {report['trained_on']}, measured on {report['tested_on']}"
    )
