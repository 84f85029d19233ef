"""The picture under the map, as the installation has chosen it: none, Tianditu, XYZ or PMTiles.

The default is none: nothing leaves the host. Where a basemap comes from elsewhere, its hosts are
the only foreign ones that the pages may reach (`config/headers.py`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from django.conf import settings

from chengyun.core.words import ValueRefused

KINDS = ("none", "tianditu", "xyz", "pmtiles")
#: Tianditu's maps and the labels that belong on each.
TIANDITU = {"vec": "cva", "img": "cia", "ter": "cta"}
_TIANDITU = (
    "https://t{{0-7}}.tianditu.gov.cn/{name}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0"
    "&LAYER={name}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}"
    "&TILECOL={{x}}&tk={key}"
)
_SEVERAL = re.compile(r"\{(\d)-(\d)\}")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?")
#: Where the server gives the tiles of a PMTiles file, and the file itself.
TILES_PATH = "/basemap/{z}/{x}/{y}"
SHIFTED = ("gcj02", "bd09")
_VECTOR = re.compile(r"\.(mvt|pbf)(\?|$)")
_MVT = 1  # the kind of tiles in a PMTiles header


@dataclass(frozen=True)
class Basemap:
    """A basemap. `layers` are drawn one above the other; each is a list of addresses of the same
    tiles on several hosts, with {z}, {x} and {y}. `datum` is what its coordinates are in."""

    kind: str
    layers: tuple[tuple[str, ...], ...]
    datum: str
    attribution: str
    maxzoom: int

    @property
    def hosts(self) -> tuple[str, ...]:
        """Scheme and host of everything that comes from elsewhere."""
        parts = (urlsplit(address) for layer in self.layers for address in layer)
        return tuple(dict.fromkeys(f"{p.scheme}://{p.netloc}" for p in parts if p.netloc))


def basemap() -> Basemap | None:
    """The basemap in force; None where there is none."""
    chosen = settings.CHENGYUN
    layers: Sequence[tuple[str, ...]]
    match chosen.basemap:
        case "tianditu":
            layers = tianditu(chosen.basemap_layer, chosen.basemap_key.get_secret_value())
            # Its tiles are drawn in CGCS2000, whatever else was set.
            return Basemap(
                "tianditu", tuple(layers), "cgcs2000",
                chosen.basemap_attribution or "天地图 Tianditu", min(chosen.basemap_maxzoom, 18),
            )  # fmt: skip
        case "xyz":
            layers = addresses(chosen.basemap_url)
        case "pmtiles":
            layers = [(TILES_PATH,)]
        case _:
            return None
    return Basemap(
        chosen.basemap, tuple(layers), chosen.basemap_datum, chosen.basemap_attribution,
        chosen.basemap_maxzoom,
    )  # fmt: skip


def basemap_file() -> Path | None:
    """The PMTiles file in force; None where the basemap is no file."""
    chosen = settings.CHENGYUN
    return chosen.var / chosen.basemap_url if chosen.basemap == "pmtiles" else None


def is_vector(address: str) -> bool:
    """Whether an address gives vector tiles, by its ending; a file says it itself."""
    return _VECTOR.search(address) is not None


def check_datum(kind: str, url: str, var: Path, datum: str) -> None:
    """Raises ValueError where vector tiles are declared to be shifted: pictures are put back by the
    page, shapes are drawn where they say they are."""
    if datum not in SHIFTED:
        return
    vector = kind == "xyz" and any(is_vector(part) for part in url.split())
    if kind == "pmtiles":
        with file_of(url, var).open("rb") as file:
            vector = file.read(100)[99:] == bytes([_MVT])
    if vector:
        raise ValueRefused(
            f"{datum} 的矢量瓦片无法纠偏：请在制瓦片前转换为 CGCS2000，并设 cgcs2000（或 wgs84）",
            f"vector tiles in {datum} are not put back: convert them to CGCS2000 before they "
            "become tiles, and set cgcs2000 (or wgs84)",
        )


def tianditu(name: str, key: str) -> list[tuple[str, ...]]:
    """The addresses of a map of Tianditu and of its labels, on its eight hosts each."""
    return [
        _expanded(_TIANDITU.format(name=layer, key=quote(key, safe="")))
        for layer in (name, TIANDITU[name])
    ]


def addresses(text: str) -> list[tuple[str, ...]]:
    """Layers of an XYZ setting: addresses divided by blanks, each a layer above the one before;
    `{0-3}` in the host stands for four hosts. Raises ValueError with what is wrong."""
    layers = [_expanded(_checked(part)) for part in text.split()]
    if not layers:
        raise ValueRefused(
            "为空：请写瓦片地址，例如 https://tiles.example/{z}/{x}/{y}.png",
            "is empty: write an address such as https://tiles.example/{z}/{x}/{y}.png",
        )
    return layers


def file_of(text: str, var: Path) -> Path:
    """The PMTiles file of a setting; a relative path counts from the var folder. Raises ValueError
    where it is none."""
    if not text:
        raise ValueRefused(
            "为空：请写 .pmtiles 文件的路径", "is empty: write the path of a .pmtiles file"
        )
    path = var / text
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        why = error.strerror
        raise ValueRefused(f"无法读取 {path}：{why}", f"{path} cannot be read: {why}") from None
    if start[:7] != b"PMTiles" or start[7:] != b"\x03":
        raise ValueRefused(
            f"{path} 不是 PMTiles 第 3 版文件", f"{path} is no PMTiles file of version 3"
        )
    return path


def _checked(address: str) -> str:
    if missing := [part for part in ("{z}", "{x}", "{y}") if part not in address]:
        names = ", ".join(missing)
        raise ValueRefused(
            f"地址缺少 {names}：请写作 https://tiles.example/{{z}}/{{x}}/{{y}}.png",
            f"an address lacks {names}: write it like https://tiles.example/{{z}}/{{x}}/{{y}}.png",
        )
    if address.startswith("/") and not address.startswith("//"):
        return address
    parts = urlsplit(address)
    host = _SEVERAL.sub("0", parts.netloc)
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host.lower()):
        raise ValueRefused(
            "地址须以 https://主机/ 开头（本服务器则以 / 开头），主机名前不带用户名与密码",
            "an address must begin with https://HOST/ (or with / for this server), the host "
            "without a name and password in front",
        )
    return address


def _expanded(address: str) -> tuple[str, ...]:
    found = _SEVERAL.search(address)
    if found is None:
        return (address,)
    first, last = int(found[1]), int(found[2])
    return tuple(
        address[: found.start()] + str(number) + address[found.end() :]
        for number in range(first, last + 1)
    )
