"""Unit grid and area of millions of points: a raster answers, outlines are asked only at borders.

A pixel that no border crosses lies whole in one grid, or in none. Where a border may cross it the
outlines decide. The answers are those of `queries.Locator`, many times faster.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from chengyun.city.queries import Ids, Locator

_METRES_PER_DEGREE = 111_320.0
# Finer pixels mean fewer points at borders, and more pixels to find out about.
_PIXEL_M = 40.0
_MOST_PIXELS = 20_000_000
_EDGE = -1

Floats = npt.NDArray[np.float64]


class RasterLocator(Locator):
    """A `Locator` for many points: `RasterLocator.load().locate(lons, lats)`.

    Building it costs a second or two for a large city, so it pays from some 100,000 points on.
    """

    def __init__(self, grids: Any, areas: Any) -> None:
        super().__init__(grids, areas)
        self._outlines = np.concatenate([self._grid_outlines, self._area_outlines])
        shapely.prepare(self._outlines)
        self._tree = shapely.STRtree(self._outlines)
        self._raster = np.zeros((0, 0), dtype=np.int32)
        if len(self._outlines):
            self._measure()
            self._draw_borders()
            self._fill()

    def locate(self, lons: npt.ArrayLike, lats: npt.ArrayLike) -> tuple[Ids, Ids]:
        """For each point the id of its unit grid and of its deepest area; 0 where there is none."""
        x, y = np.asarray(lons, dtype=np.float64), np.asarray(lats, dtype=np.float64)
        first = np.zeros(len(x), dtype=np.int32)
        if self._raster.size:
            with np.errstate(invalid="ignore"):
                column = np.floor((x - self._west) / self._width)
                row = np.floor((y - self._south) / self._height)
                inside = (column >= 0) & (column < self._raster.shape[1]) & (row >= 0)
                inside &= row < self._raster.shape[0]
            known = np.flatnonzero(inside)
            first[known] = self._raster[row[known].astype(np.int64), column[known].astype(np.int64)]
            edge = np.flatnonzero(first == _EDGE)
            first[edge] = self._exact(x[edge], y[edge])
        return self._named(first)

    def _named(self, first: npt.NDArray[np.int32]) -> tuple[Ids, Ids]:
        """Ids of the outline that comes first: 0 none, then grids, then areas by size."""
        grids = np.concatenate([[0], self._grid_ids, np.zeros_like(self._area_ids)])
        areas = np.concatenate([[0], self._grid_areas, self._area_ids])
        return grids[first], areas[first]

    def _exact(self, x: Floats, y: Floats) -> npt.NDArray[np.int32]:
        """1 + the index of the first outline that covers each point, 0 where none does."""
        found = np.full(len(x), len(self._outlines), dtype=np.int64)
        if len(x):
            point, outline = self._tree.query(shapely.points(x, y))
            # A point meets a polygon exactly when the polygon covers it.
            covers = shapely.intersects_xy(self._outlines[outline], x[point], y[point])
            np.minimum.at(found, point[covers], outline[covers])
        found[found == len(self._outlines)] = -1
        return (found + 1).astype(np.int32)

    def _measure(self) -> None:
        west, south, east, north = shapely.total_bounds(self._outlines)
        pixel = _PIXEL_M / _METRES_PER_DEGREE
        wide = np.cos(np.radians(min(80.0, max(abs(south), abs(north)))))
        count = (east - west) * wide * (north - south) / pixel**2
        pixel *= max(1.0, np.sqrt(count / _MOST_PIXELS))
        self._height, self._width = pixel, pixel / wide
        # A frame of one pixel, so that what rounding puts beside the outlines is in it.
        self._west, self._south = west - self._width, south - self._height
        self._raster = np.zeros(
            (
                int(np.ceil((north - self._south) / self._height)) + 2,
                int(np.ceil((east - self._west) / self._width)) + 2,
            ),
            dtype=np.int32,
        )

    def _draw_borders(self) -> None:
        """Mark every pixel that a border may cross.

        Borders are cut into pieces shorter than a pixel: such a piece lies in the block of the
        pixels of its two ends.
        """
        step = 0.9 * min(self._width, self._height)
        for outline in self._outlines:
            cut = shapely.segmentize(shapely.boundary(outline), step)
            pairs, line = shapely.get_coordinates(shapely.get_parts(cut), return_index=True)
            column = ((pairs[:, 0] - self._west) / self._width).astype(np.int64)
            row = ((pairs[:, 1] - self._south) / self._height).astype(np.int64)
            same = line[1:] == line[:-1]
            for rows, columns in (
                (row[:-1], column[:-1]),
                (row[1:], column[1:]),
                (row[:-1], column[1:]),
                (row[1:], column[:-1]),
            ):
                self._raster[rows[same], columns[same]] = _EDGE

    def _fill(self) -> None:
        """Give every run of pixels between borders what its first pixel's centre lies in."""
        free = self._raster == 0
        start = free.copy()
        start[:, 1:] &= ~free[:, :-1]
        rows, columns = np.nonzero(start)
        centre_x = self._west + (columns + 0.5) * self._width
        centre_y = self._south + (rows + 0.5) * self._height
        labels = self._exact(centre_x, centre_y)
        flat = self._raster.ravel()
        # The run that a pixel belongs to is the last one that began before it.
        run = np.cumsum(start.ravel(), dtype=np.int32)
        index = free.ravel()
        flat[index] = labels[run[index] - 1]
