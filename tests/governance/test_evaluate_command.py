"""The printed evaluation: wide enough to be read in a pipe, the best first, the idle left out."""

from typing import Any

from typer.testing import CliRunner

from chengyun.cli.evaluate import app
from chengyun.governance.evaluation.schemes import load_schemes


def test_a_month_of_departments(hall: Any) -> None:
    load_schemes()
    hall.closed()
    late = hall.pending_dispatch()
    parks = hall.parks.user.organisation_id
    hall.dispatcher.do("dispatch", late, department_id=parks)
    hall.parks.do("sign", late)
    hall.later(days=1)
    hall.parks.do("finish", late, opinion="已恢复")
    hall.later(minutes=1)  # what happens now is counted from the next instant on
    printed = CliRunner().invoke(app, ["department", "--period", "2026-03", "--language", "zh"])
    assert printed.exit_code == 0, printed.output
    assert "…" not in printed.output.replace("2026-03…", "")
    assert printed.output.index("市政工程处") < printed.output.index("园林处")
    assert "城市运行管理中心" not in printed.output
    nothing = CliRunner().invoke(app, ["department", "--period", "2025-03", "--language", "zh"])
    assert "市政工程处" not in nothing.output
    assert "未列出" in nothing.output
    english = CliRunner().invoke(app, ["department", "--period", "2025-03"])
    assert "not shown" in english.output
