"""From here on this process opens a few files and nothing else: Landlock, where the kernel has it.

    confine(listing=[], reading=[path], writing=[folder])

Linux has it since 5.13. Without it the other walls of a reader stand alone: see `reader.limit`.
"""

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

# The calls have the same numbers on every machine that we run on.
_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION, _BENEATH = 1, 1
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_TRUNCATE: Final = 1 << 14
# What of a folder's rights means something for a file.
_OF_A_FILE: Final = 0b111 | _TRUNCATE | 1 << 15
# How many of the rights the kernel knows of, by the version of its Landlock; later ones know more.
_RIGHTS: Final = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_CONNECT_OR_LISTEN: Final = 0b11
_SOCKETS_AND_SIGNALS: Final = 0b11


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64),
    )  # fmt: skip


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """Of the kernel's Landlock; 0 where there is none."""
    found: int = _libc().syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION)
    return max(0, found)


def confine(*, listing: Iterable[Path], reading: Iterable[Path], writing: Iterable[Path]) -> bool:
    """Allow this thread, and those it starts, what lies at or below these paths: names, files, all;
    no program to be run, no TCP, no signal to others. False where the kernel cannot.

    Paths that are not there are passed over. Raises OSError when the kernel refuses: what was to be
    confined must not go on.
    """
    known = version()
    if not known:
        return False
    every = (1 << _RIGHTS[min(known, max(_RIGHTS))]) - 1
    rules = _Ruleset(
        every, _CONNECT_OR_LISTEN if known >= 4 else 0, _SOCKETS_AND_SIGNALS if known >= 6 else 0
    )
    ruleset = _call(_CREATE, ctypes.byref(rules), ctypes.c_size_t(ctypes.sizeof(rules)), 0)
    try:
        for path in listing:
            _allow(ruleset, path, _READ_FOLDER)
        for path in reading:
            _allow(ruleset, path, _READ_FILE | _READ_FOLDER)
        for path in writing:
            _allow(ruleset, path, every & ~1)
        _call(_RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)
    return True


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not path.is_dir():
            rights &= _OF_A_FILE
        rule = _Beneath(rights, opened)
        _call(_ADD, ruleset, _BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(opened)


def _call(number: int, *arguments: object) -> int:
    answer: int = _libc().syscall(number, *arguments)
    if answer < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"Landlock: {os.strerror(error)}")
    return answer


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
