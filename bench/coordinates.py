"""``python -m bench.coordinates``: points converted per CPU second, beside PyPI's coord-convert.

The points are spread over all China and the same in every run; the best of several runs counts.
The peer is installed into an environment of its own that is thrown away afterwards; where that is
not possible (no index to be reached) it is said so.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable
from pathlib import Path

import numpy as np

PEER = "coord-convert"
WAYS = (("gcj02", "wgs2gcj", "gcj2wgs"), ("bd09", "wgs2bd", "bd2wgs"))

#: Run inside the peer's environment: points on stdin, seconds of each way on stdout.
_PEER_RUN = """
import json, sys, time
from coord_convert import transform
points = json.load(sys.stdin)
seconds = {}
for name in ("wgs2gcj", "gcj2wgs", "wgs2bd", "bd2wgs"):
    convert = getattr(transform, name)
    began = time.process_time()
    for lon, lat in points:
        convert(lon, lat)
    seconds[name] = time.process_time() - began
print(json.dumps(seconds))
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.coordinates", description=__doc__)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peer-points", type=int, default=20_000)
    parser.add_argument("--no-peer", action="store_true", help="do not install the peer")
    given = parser.parse_args()
    from chengyun.city.coordinates import from_cgcs2000, to_cgcs2000

    rng = np.random.default_rng(4490)
    lon, lat = rng.uniform(73, 135, given.points), rng.uniform(18, 54, given.points)
    peer = {} if given.no_peer else _peer(lon[: given.peer_points], lat[: given.peer_points])
    print(f"{given.points:,} points over China, best of {given.rounds}; numpy {np.__version__}")
    print(f"{'way':<22}{'points per CPU s':>18}{PEER:>16}{'ratio':>9}{'error':>12}")
    for system, there, back in WAYS:
        shifted = from_cgcs2000(lon, lat, system)
        returned = to_cgcs2000(*shifted, system)
        error = max(float(np.abs(returned[0] - lon).max()), float(np.abs(returned[1] - lat).max()))
        forward = _best(lambda s=system: from_cgcs2000(lon, lat, s), given.rounds)
        inverse = _best(lambda p=shifted, s=system: to_cgcs2000(*p, s), given.rounds)
        _line(f"cgcs2000 → {system}", given.points / forward, peer.get(there), "")
        metres = f"{error * 111_320 * 1e6:.1f} µm"
        _line(f"{system} → cgcs2000", given.points / inverse, peer.get(back), metres)
    return 0


def _line(way: str, ours: float, theirs: float | None, error: str) -> None:
    peer = f"{theirs:>16,.0f}{ours / theirs:>8.0f}×" if theirs else f"{'not measured':>16}{'':>9}"
    print(f"{way:<22}{ours:>18,.0f}{peer}{error:>12}")


def _best(convert: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        began = time.process_time()
        convert()
        times.append(time.process_time() - began)
    return min(times)


def _peer(lon: np.ndarray, lat: np.ndarray) -> dict[str, float]:
    """Points per CPU second of the peer's functions; empty when it cannot be installed."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin" / "python"
        install = [python, "-m", "pip", "install", "-q", "--no-input", PEER]
        done = subprocess.run(install, check=False, capture_output=True, text=True)
        if done.returncode:
            print(f"{PEER} could not be installed:", done.stderr.strip().splitlines()[-1:],
                  file=sys.stderr)  # fmt: skip
            return {}
        points = json.dumps(np.column_stack([lon, lat]).tolist())
        ran = subprocess.run(
            [python, "-c", _PEER_RUN], input=points, check=True, capture_output=True, text=True
        )
    return {name: len(lon) / seconds for name, seconds in json.loads(ran.stdout).items()}


if __name__ == "__main__":
    raise SystemExit(main())
