"""Pairs of points of one class that stand nearer together than things of one class can."""

from typing import Any

import numpy as np
import numpy.typing as npt

_METRES_PER_DEGREE = 111_320.0
# In a crowded square each point is compared with so many: enough to find one that is near.
_DEEPEST = 64

Ints = npt.NDArray[np.int64]


def near_pairs(
    lon: npt.NDArray[Any], lat: npt.NDArray[Any], kind: npt.NDArray[Any], metres: float
) -> tuple[Ints, Ints]:
    """Indexes (earlier, later) of every two points of one kind at most `metres` apart.

    Points are sorted into squares of twice the distance, four times over with the squares shifted
    by half: two that are near share a square in one of them.
    """
    if len(lon) < 2 or metres <= 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    x = lon * np.cos(np.radians(float(np.mean(lat)))) * _METRES_PER_DEGREE
    y = lat * _METRES_PER_DEGREE
    found: list[npt.NDArray[Any]] = []
    for shift_x, shift_y in ((0, 0), (metres, 0), (0, metres), (metres, metres)):
        column = np.floor((x + shift_x) / (2 * metres)).astype(np.int64)
        row = np.floor((y + shift_y) / (2 * metres)).astype(np.int64)
        order = np.lexsort((column, row, kind))
        column, row, kinds = column[order], row[order], kind[order]
        step = 1
        while step < min(len(order), _DEEPEST):
            same = (column[step:] == column[:-step]) & (row[step:] == row[:-step])
            same &= kinds[step:] == kinds[:-step]
            if not same.any():
                break
            at = np.flatnonzero(same)
            found.append(np.stack([order[at], order[at + step]]))
            step += 1
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    pairs = np.unique(np.sort(np.concatenate(found, axis=1), axis=0), axis=1)
    first, second = pairs
    near = np.hypot(x[first] - x[second], y[first] - y[second]) <= metres
    return first[near], second[near]
