"""``chengyun doctor``: what is wrong here, and what mends it."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.cells import cell_len

from chengyun.config.language import said

COLOURS = {"ok": typer.colors.GREEN, "warn": typer.colors.YELLOW, "fail": typer.colors.RED}
#: What each examination looks at, in Chinese; its own name is the English.
NAMES = {
    "database": "数据库", "extensions": "扩展", "migrations": "迁移", "disk": "磁盘",
    "clock": "时钟", "secrets": "密钥", "web": "网络", "media": "附件", "outbox": "发件箱",
    "jobs": "后台任务", "worker": "后台进程", "audit": "审计", "classifier": "分类器",
}  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""

    @app.command(rich_help_panel="Running")
    def doctor(
        as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
    ) -> None:
        """Examine database, disk, clock, settings, messages, jobs. Exit code 1 on a failure."""
        from chengyun.server.doctor import examine

        findings = list(examine())
        if as_json:
            typer.echo(json.dumps([asdict(f) for f in findings], indent=1, ensure_ascii=False))
        for finding in [] if as_json else findings:
            typer.secho(f"{finding.level:<5}", fg=COLOURS[finding.level], nl=False)
            name = said(NAMES[finding.name], finding.name)
            typer.echo(f"{name}{' ' * (11 - cell_len(name))} {finding.detail}")
            if mend := finding.mend:
                words = said(f"处理：{mend}", f"mend: {mend}")
                typer.echo(f"{'':<16} {words}")
        if any(finding.level == "fail" for finding in findings):
            raise typer.Exit(1)
