"""``chengyun up``, ``down``, ``status``, ``work``: running the platform."""

import json
from typing import Annotated

import typer

from chengyun.config.environment import environment
from chengyun.config.language import said

Host = Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for every one.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")]
Workers = Annotated[int, typer.Option(min=1, max=64, help="Server processes.")]


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``; their defaults are the settings in force."""
    settings = environment()

    @app.command(rich_help_panel="Running")
    def up(
        host: Host = settings.host,
        port: Port = settings.port,
        workers: Workers = settings.workers,
        demo: Annotated[bool, typer.Option(help="Load the simulated city first.")] = False,
        detach: Annotated[bool, typer.Option(help="Return when it is ready.")] = False,
    ) -> None:
        """Start the database, the server and the background workers; Ctrl-C stops them."""
        from chengyun.server.supervisor import Supervisor, Wish, up_detached

        wish = Wish(host=host, port=port, workers=workers, demo=demo)
        if detach:
            up_detached(settings, wish)
        else:
            Supervisor(settings, wish).run()

    @app.command(rich_help_panel="Running")
    def down() -> None:
        """Stop the platform and everything it started. The data stays."""
        from chengyun.server.supervisor import down as stop

        typer.echo(
            said("已停止。", "Stopped.")
            if stop(settings)
            else said("没有在运行。", "Nothing was running.")
        )

    @app.command(rich_help_panel="Running")
    def status(
        as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
    ) -> None:
        """Say what runs: address, pids, database, readiness. Exit code 3 when nothing does."""
        from chengyun.server.supervisor import status as ask

        state = ask(settings)
        if as_json:
            typer.echo(json.dumps(state, indent=1, ensure_ascii=False))
        elif not state["running"]:
            typer.echo(
                said(
                    "城运没有在运行；`chengyun up` 可启动。",
                    "Chengyun is not running; `chengyun up` starts it.",
                )
            )
        else:
            version, url = state["version"], state["url"]
            ready = said("已就绪", "ready") if state["ready"] else said("未就绪", "NOT ready")
            typer.echo(
                said(
                    f"城运 {version} 运行于 {url}，{ready}。",
                    f"Chengyun {version} runs at {url} and is {ready}.",
                )
            )
            for check in state["checks"]:
                mark = "ok  " if check["ok"] else "FAIL"
                typer.echo(f"  {mark} {check['name']}: {check['detail']}")
        if not state["running"]:
            raise typer.Exit(3)

    @app.command(rich_help_panel="Running")
    def work(
        name: Annotated[str, typer.Option(help="Shown in the list of workers.")] = "worker",
        concurrency: Annotated[
            int, typer.Option(min=1, help="Jobs at the same time.")
        ] = settings.job_concurrency,
    ) -> None:
        """Run background jobs in this process (`up` starts such workers by itself)."""
        from chengyun.server.worker import work as run

        run(name, concurrency)
