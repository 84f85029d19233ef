"""Tiles out of a PMTiles file (version 3): header, what it says of itself, the bytes of one tile.

The format is public: https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md
"""

import gzip
import json
import os
import struct
import zlib
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

_TYPES = {
    1: "application/vnd.mapbox-vector-tile", 2: "image/png", 3: "image/jpeg", 4: "image/webp",
    5: "image/avif",
}  # fmt: skip
_PLAIN, _GZIP = 1, 2
#: A directory in a directory in the root: the format goes no deeper in practice.
_DEEPEST = 4
_DIRECTORIES = 64
_DIRECTORY_BYTES = 16 * 1024 * 1024
_METADATA_BYTES = 64 * 1024 * 1024
VECTOR = _TYPES[1]


class Broken(Exception):
    """The file is not what its header says."""


@dataclass(frozen=True)
class VectorLayer:
    """A layer inside vector tiles, and the names of its attributes."""

    id: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class _Directory:
    """Entries in the order of their tiles: id of the first tile, how many, where, how long. A run
    of none leads to another directory."""

    ids: list[int]
    runs: list[int]
    offsets: list[int]
    lengths: list[int]


class Archive:
    """One open file. Reads are positioned, so threads may share it."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDONLY)
        raw = self._read(0, 127)
        if len(raw) < 127 or raw[:8] != b"PMTiles\x03":
            raise Broken("no PMTiles file of version 3")
        numbers = struct.unpack("<11Q", raw[8:96])
        self._root = numbers[0], numbers[1]
        self._about = numbers[2], numbers[3]
        self._leaves, self._data = numbers[4], numbers[6]
        self._internal, self._tile_packing = raw[97], raw[98]
        if self._tile_packing > _GZIP:
            raise Broken("tiles in a compression that is not read here (only gzip and none are)")
        self.type = _TYPES.get(raw[99], "application/octet-stream")
        self.zooms = raw[100], raw[101]
        self._known: OrderedDict[tuple[int, int], _Directory] = OrderedDict()

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            os.close(self._file)

    @property
    def packed(self) -> bool:
        """Whether the tiles are gzip as they lie there."""
        return self._tile_packing == _GZIP

    @cached_property
    def about(self) -> dict[str, Any]:
        """What the file says of itself, a JSON object. Raises Broken."""
        offset, length = self._about
        if length > _METADATA_BYTES:
            raise Broken("a description that is too large")
        try:
            said = json.loads(self._unpacked(self._read(offset, length)) or b"{}")
        except ValueError:
            raise Broken("a description that is no JSON") from None
        return said if isinstance(said, dict) else {}

    @property
    def vector_layers(self) -> tuple[VectorLayer, ...] | None:
        """The layers of a file of vector tiles, in its order; None of a file of pictures."""
        if self.type != VECTOR:
            return None
        told = self.about.get("vector_layers")
        named = [each for each in told if isinstance(each, dict)] if isinstance(told, list) else []
        return tuple(
            VectorLayer(str(each["id"]), tuple(map(str, each.get("fields") or ())))
            for each in named
            if each.get("id")
        )

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """The bytes of a tile as they lie there; None where there is none. Raises Broken."""
        wanted = tile_id(z, x, y)
        offset, length = self._root
        for _ in range(_DEEPEST):
            directory = self._directory(offset, length)
            at = bisect_right(directory.ids, wanted) - 1
            if at < 0:
                return None
            if directory.runs[at] == 0:
                offset, length = self._leaves + directory.offsets[at], directory.lengths[at]
                continue
            if wanted - directory.ids[at] >= directory.runs[at]:
                return None
            return self._read(self._data + directory.offsets[at], directory.lengths[at])
        raise Broken("directories without an end")

    def _read(self, offset: int, length: int) -> bytes:
        return os.pread(self._file, length, offset)

    def _directory(self, offset: int, length: int) -> _Directory:
        key = (offset, length)
        if (known := self._known.get(key)) is not None:
            return known
        if length > _DIRECTORY_BYTES:
            raise Broken("a directory that is too large")
        directory = _entries(self._unpacked(self._read(offset, length)))
        self._known[key] = directory
        while len(self._known) > _DIRECTORIES:
            self._known.popitem(last=False)
        return directory

    def _unpacked(self, raw: bytes) -> bytes:
        """What the file keeps for itself, as it was before it was packed. Raises Broken."""
        if self._internal == _PLAIN:
            return raw
        if self._internal != _GZIP:
            raise Broken("a compression that is not read here (only gzip and none are)")
        try:
            return gzip.decompress(raw)
        except (OSError, EOFError, zlib.error):
            raise Broken("a part that is cut short or no gzip") from None


def opened(path: Path) -> Archive:
    """The file as it lies there now. Raises OSError, Broken."""
    found = path.stat()
    return _opened(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=1)
def _opened(path: Path, changed: int, size: int) -> Archive:
    """Opened once for each state of the file. The one before is closed with its last reader."""
    return Archive(path)


def _entries(raw: bytes) -> _Directory:
    numbers = _varints(raw)
    try:
        count = next(numbers)
        ids, last = [], 0
        for _ in range(count):
            last += next(numbers)
            ids.append(last)
        runs = [next(numbers) for _ in range(count)]
        lengths = [next(numbers) for _ in range(count)]
        offsets: list[int] = []
        for at in range(count):
            number = next(numbers)
            offsets.append(number - 1 if number else offsets[at - 1] + lengths[at - 1])
    except (StopIteration, RuntimeError, IndexError):
        raise Broken("a directory that ends too early") from None
    return _Directory(ids, runs, offsets, lengths)


def _varints(raw: bytes) -> Iterator[int]:
    value = shift = 0
    for byte in raw:
        value |= (byte & 0x7F) << shift
        if byte & 0x80:
            shift += 7
        else:
            yield value
            value = shift = 0


def tile_id(z: int, x: int, y: int) -> int:
    """The number of a tile: all of the lower zooms first, then along the Hilbert curve."""
    number = ((1 << (2 * z)) - 1) // 3
    side = 1 << z
    half = side >> 1
    while half:
        right, lower = bool(x & half), bool(y & half)
        number += half * half * ((3 * right) ^ lower)
        if not lower:
            if right:
                x, y = side - 1 - x, side - 1 - y
            x, y = y, x
        half >>= 1
    return number
