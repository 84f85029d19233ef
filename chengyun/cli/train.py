"""``chengyun train``: the classifier that suggests the class of a report."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from chengyun.config.language import said

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
        say=lambda words: typer.echo(said(*words)),
    )
    _print_report(model)
    number = model.pk
    if model.active:
        typer.echo(_in_use(number))
        return
    typer.echo(
        said(
            f"模型 {number}：未启用（chengyun train activate {number}）",
            f"model {number}: not in use (chengyun train activate {number})",
        )
    )


@app.command("list")
def list_models() -> None:
    """Show every trained classifier, newest first."""
    from rich.console import Console
    from rich.table import Table

    from chengyun.governance.models import ClassifierModel

    table = Table(
        said("模型", "model"), said("训练时间（UTC）", "trained (UTC)"), said("版本", "edition"),
        said("文本", "texts"), said("类别", "classes"), said("宏平均 F1", "macro-F1"),
        said("前三命中", "top-3"), "",
    )  # fmt: skip
    for model in ClassifierModel.objects.select_related("edition"):
        table.add_row(
            str(model.pk),
            f"{model.trained_at:%Y-%m-%d %H:%M}",
            model.edition.code,
            str(model.samples),
            str(model.classes),
            f"{model.macro_f1:.3f}",
            f"{model.report['top3']:.3f}",
            said("启用中", "in use") if model.active else "",
        )
    Console().print(table)


@app.command()
def activate(model: Annotated[int, typer.Argument(help="Number of the model, as listed.")]) -> None:
    """Use this model instead of the present one; other processes follow within 30 seconds."""
    from chengyun.cli.session import command_actor
    from chengyun.governance.suggestions.training import activate_classifier

    activate_classifier(actor=command_actor(), model_id=model)
    typer.echo(_in_use(model))


def _in_use(number: int) -> str:
    return said(f"模型 {number}：启用中", f"model {number}: in use")


def _print_report(model: "ClassifierModel") -> None:
    from rich.console import Console
    from rich.table import Table

    from chengyun.city.queries import catalogue

    known = catalogue().matter_of
    report = model.report
    table = Table(
        said("类别", "class"), said("名称", "name"), said("精确率", "precision"),
        said("召回率", "recall"), "F1", said("测试数", "tested on"),
    )  # fmt: skip
    for token, row in sorted(report["per_class"].items(), key=lambda item: item[1]["f1"]):
        table.add_row(
            token.partition(":")[2],
            said(known[token].name_zh, known[token].name_en or known[token].name_zh)
            if token in known
            else "",
            *(f"{row[measure]:.2f}" for measure in ("precision", "recall", "f1")),
            str(row["support"]),
        )
    console = Console()
    console.print(table)
    macro, baseline = f"{report['macro_f1']:.3f}", f"{report['baseline_macro_f1']:.3f}"
    accuracy, simple = f"{report['accuracy']:.3f}", f"{report['baseline_accuracy']:.3f}"
    top3 = f"{report['top3']:.3f}"
    console.print(
        said(
            f"宏平均 F1 {macro}（最常见类别：{baseline}），准确率 {accuracy}（{simple}），"
            f"前三命中 {top3}",
            f"macro-F1 {macro} (most frequent class: {baseline}), accuracy {accuracy} ({simple}), "
            f"top-3 {top3}",
        )
    )
    if report["calibration_error"] is not None:
        off = f"{report['calibration_error']:.3f}"
        console.print(said(f"置信度平均偏差 {off}", f"confidence is off by {off} on average"))
    samples, left_out = report["samples"], report["left_out"]
    trained, tested = report["trained_on"], report["tested_on"]
    console.print(
        said(
            f"不同文本 {samples} 条，舍去 {left_out} 条（稀有类别），"
            f"训练用 {trained}，测试用 {tested}",
            f"{samples} different texts, {left_out} left out (rare classes), "
            f"trained on {trained}, measured on {tested}",
        )
    )
