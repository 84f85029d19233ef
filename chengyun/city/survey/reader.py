"""The process in which a file of strangers is read: nothing but that file, and within limits.

Started by `apart`, which sends what to read and the limits, and takes the frames. The limits
are set before anything that reads files is loaded. It knows no settings, has no environment, no
network and no other files where the kernel grants that, and GDAL has the drivers of surveys alone.
"""

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path
from typing import IO

_SIGNAL_OF_PARENTS_DEATH, _NO_NEW_PRIVILEGES = 1, 38
_NEW_USERS_AND_NETWORK = 0x10000000 | 0x40000000


def main() -> None:
    """Read what is asked for on the standard input; give frames on the standard output.

    Ends with EX_TEMPFAIL when it asked for more memory than it may have.
    """
    cpu, memory, written = (int(number) for number in sys.argv[2:5])
    # What a library prints must not get between the frames.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    limit(cpu, memory, written)
    try:
        _answer(out)
    except MemoryError:
        os._exit(os.EX_TEMPFAIL)
    except BrokenPipeError:
        os._exit(0)


def limit(cpu: int, memory: int, written: int) -> None:
    """Seconds of CPU, bytes of memory and of any file that is written; no network, no core, no
    life beyond that of who asked."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_SIGNAL_OF_PARENTS_DEATH, int(signal.SIGKILL), 0, 0, 0)
    # Behind the first of the two the process is told why, behind the second it is killed.
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 5))
    for what, most in (
        (resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, written),
        (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NOFILE, 128),
    ):  # fmt: skip
        resource.setrlimit(what, (most, most))
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    # Where the kernel does not let everybody have a network of one's own, GDAL still has no driver
    # and no leave to use that of the machine.
    libc.unshare(_NEW_USERS_AND_NETWORK)


def only_this_file(path: Path) -> bool:
    """Open nothing more but this file and those beside it that bear its name (a Shapefile is
    several), what the libraries bring with them, and the folder in which we are. False where the
    kernel cannot."""
    import msgspec

    import chengyun
    from chengyun.city.survey.confinement import confine

    own = [each for each in path.parent.iterdir() if each.stem == path.stem]
    libraries = [Path(module.__file__ or "").parent for module in (os, chengyun)]
    libraries.append(Path(msgspec.__file__).parents[1])
    machine = [Path(each) for each in ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share",
                                       "/dev/null", "/dev/urandom")]  # fmt: skip
    return confine(
        listing=[path.parent], reading=[*own, *libraries, *machine], writing=[Path.cwd()]
    )


def _answer(out: IO[bytes]) -> None:
    import msgspec

    from chengyun.city.survey import frames

    ask = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=frames.Ask)
    # Threads that are at work already would stay free: Arrow starts one when it is loaded.
    only_this_file(Path(ask.path))
    import pyarrow as pa

    from chengyun.city.survey.reading import SurveyRefused, batches, open_source
    from chengyun.city.survey.vectors import only_known_drivers

    only_known_drivers()
    pa.set_cpu_count(1)
    try:
        source = open_source(
            ask.path, layer=ask.layer, crs=ask.crs, encoding=ask.encoding, lon=ask.lon,
            lat=ask.lat, unpacked=ask.unpacked,
        )  # fmt: skip
        columns = {name: kind.value for name, kind in source.columns.items()}
        frames.send(out, frames.Looked(
            source.driver, source.layer, source.crs, source.encoding, columns, source.count,
            source.geometry,
        ))  # fmt: skip
        if ask.columns is not None:
            for batch in batches(source, ask.columns, size=ask.size, behind=ask.behind):
                frames.send(out, frames.packed(batch))
    except SurveyRefused as refused:
        said = (refused.zh, refused.en, refused.remedy_zh, refused.remedy_en)
        frames.send(out, frames.Refused(*said))
    frames.send(out, frames.Done())
