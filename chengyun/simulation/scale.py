"""How big a synthetic city is, and where its chance comes from."""

import hashlib
import random
from dataclasses import dataclass

import numpy as np

EDITION = "gbt47678-2026"


@dataclass(frozen=True)
class Scale:
    """The size of a synthetic city. `None` means: every one that the ground data names."""

    name: str
    streets_per_district: int | None
    communities_per_street: int | None
    grids: int
    components: int
    addresses: int
    communities_per_collector: int
    handlers_per_bureau: int


SCALES: dict[str, Scale] = {
    "small": Scale("small", 2, 3, 300, 2_000, 600, 3, 1),
    "demo": Scale("demo", None, None, 5_000, 100_000, 20_000, 9, 1),
    "full": Scale("full", None, None, 22_000, 2_500_000, 300_000, 2, 3),
}


def chance(seed: int, *purpose: object) -> random.Random:
    """A generator of its own for each purpose, so that one part's draws never shift another's."""
    return random.Random(":".join(["chengyun", str(seed), *map(str, purpose)]))


def chance_array(seed: int, *purpose: object) -> np.random.Generator:
    """The same for numpy."""
    text = ":".join(["chengyun", str(seed), *map(str, purpose)])
    return np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))
