"""Puts the built pages into wheel and sdist: whoever installs them needs no Node."""

import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Pages(BuildHookInterface):  # type: ignore[type-arg]
    """Builds what is stale. A package without its pages is refused."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if version == "editable":
            return
        if (root / "web").is_dir():
            subprocess.run([str(root / "scripts" / "pages")], check=True, cwd=root)
        if not (root / "chengyun" / "pages" / "dist" / "desk.html").exists():
            raise SystemExit("The pages are not built: run scripts/pages.")
