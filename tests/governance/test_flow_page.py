"""The page that shows the flow to people says what the table says."""

from pathlib import Path

from chengyun.governance.flow import FLOW
from chengyun.governance.models import STATE_EN, State


def test_every_state_and_every_row_is_on_the_page(root: Path) -> None:
    page = (root / "docs/governance/flow.md").read_text("utf-8")
    for state in State:
        assert f"| `{state.value}` | {state.label} | {STATE_EN[state]} |" in page
    for row in FLOW:
        posts = ", ".join(sorted(post.value for post in row.who)) + (" *" if row.pending else "")
        assert f"| `{row.operation.value}` | {row.zh} | {posts} |" in page, row.operation
        target = row.target.value if row.target else "—"
        lines = [
            line for line in page.splitlines()
            if line.startswith(f"| `{row.operation.value}` | {row.zh} | {posts} |")
        ]  # fmt: skip
        assert any(f"| {target} | {', '.join(row.needs)} |" in line for line in lines)
