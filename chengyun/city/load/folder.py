"""A city folder on disk: its settings and its files, each plain or gzip."""

import json
import tomllib
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from chengyun.city.load.table import (
    Column,
    Fault,
    Problems,
    Row,
    Table,
    check_unique,
    open_binary,
    parse_cells,
    read_table,
)
from chengyun.core.words import Both

_MISSING = Both("缺少该文件", "the file is missing")
_ADD = Both("将其加入文件夹", "add it to the folder")
_NOT_UTF8 = Both("文字不是 UTF-8 编码", "the text is not UTF-8")
_AS_UTF8 = Both("存为 UTF-8", "save it as UTF-8")


class FolderReader:
    """Opens the files of one city folder; mistakes of all files end in one `problems`.

    `settings` is the parsed `city.toml`. `encoding` is what `[city] encoding` declares for the
    CSV files (UTF-8 unless said otherwise).
    """

    def __init__(self, folder: Path, problems: Problems | None = None) -> None:
        self.folder = folder
        self.problems = problems if problems is not None else Problems()
        self.settings: dict[str, Any] = self._read_settings()
        city = self.settings.get("city")
        self.city: dict[str, Any] = city if isinstance(city, dict) else {}
        self.encoding = str(self.city.get("encoding", "utf-8"))
        try:
            "".encode(self.encoding)
        except LookupError:
            what = Both(f"{self.encoding!r} 不是编码名", f"{self.encoding!r} is not an encoding")
            remedy = Both('写 "utf-8" 或 "gb18030"', 'write "utf-8" or "gb18030"')
            self.problems.add("city.toml", None, "encoding", what, remedy)
            self.encoding = "utf-8"

    def find(self, name: str) -> Path | None:
        """The path of a file of the folder, or of its `.gz`; None when neither is there."""
        for candidate in (self.folder / name, self.folder / f"{name}.gz"):
            if candidate.is_file():
                return candidate
        return None

    def table(
        self,
        name: str,
        columns: Sequence[Column],
        *,
        unique: Sequence[str] = (),
        required: bool = False,
    ) -> Table | None:
        """Open a CSV file of the folder; None when it is not there (a mistake if `required`)."""
        path = self.find(name)
        if path is None:
            if required:
                self.problems.add(name, None, None, _MISSING, _ADD)
            return None
        return read_table(
            path,
            columns,
            problems=self.problems,
            name=str(path.relative_to(self.folder)),
            encoding=self.encoding,
            unique=unique,
        )

    def tables(
        self, pattern: str, columns: Sequence[Column], *, unique: Sequence[str] = ()
    ) -> list[Table]:
        """Open all files whose name fits a pattern such as `catalogue/matters_*.csv`."""
        found = sorted({*self.folder.glob(pattern), *self.folder.glob(f"{pattern}.gz")})
        tables = (
            self.table(str(p.relative_to(self.folder)).removesuffix(".gz"), columns, unique=unique)
            for p in found
        )
        return [table for table in tables if table is not None]

    def features(
        self,
        name: str,
        columns: Sequence[Column],
        *,
        unique: Sequence[str] = (),
        required: bool = False,
    ) -> Iterator[Row]:
        """Typed features of a GeoJSON file; `row.line` is the feature's number, counted from 1.

        The value `geometry` of each row is the feature's geometry object or None. Properties that
        `columns` does not name are left out: map programs add many.
        """
        shown = name if (self.folder / name).is_file() else f"{name}.gz"
        seen: dict[tuple[Any, ...], int] = {}
        for number, feature in enumerate(self._read_features(name, required=required), start=1):
            faults: list[Fault] = []
            properties = feature.get("properties")
            given = properties.items() if isinstance(properties, dict) else ()
            texts = {name: str(value) for name, value in given if value is not None}
            if "id" in feature:
                texts.setdefault("code", str(feature["id"]))
            values = parse_cells(shown, number, texts, columns, faults)
            if not faults and unique:
                check_unique(shown, number, values, unique, seen, faults)
            self.problems.extend(faults)
            if not faults:
                yield Row(number, {**values, "geometry": feature.get("geometry")})

    def _read_features(self, name: str, *, required: bool) -> list[dict[str, Any]]:
        path = self.find(name)
        if path is None:
            if required:
                self.problems.add(name, None, None, _MISSING, _ADD)
            return []
        try:
            with open_binary(path) as raw:
                document = json.loads(raw.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            self.problems.add(name, None, None, _NOT_UTF8, _AS_UTF8)
            return []
        except json.JSONDecodeError as error:
            what = Both(f"不是 JSON：{error.msg}", f"it is not JSON: {error.msg}")
            remedy = Both("重新导出为 GeoJSON", "export it again as GeoJSON")
            self.problems.add(name, error.lineno, None, what, remedy)
            return []
        except (OSError, EOFError, zlib.error, RecursionError) as error:
            what = Both(f"无法读取（{error}）", f"it cannot be read ({error})")
            self.problems.add(name, None, None, what, Both("重新复制", "copy it again"))
            return []
        features = document.get("features") if isinstance(document, dict) else None
        if not isinstance(features, list) or not all(isinstance(f, dict) for f in features):
            what = Both("其中没有要素列表", "it has no list of features")
            remedy = Both(
                "导出为 GeoJSON FeatureCollection", "export it as a GeoJSON FeatureCollection"
            )
            self.problems.add(name, None, None, what, remedy)
            return []
        return features

    def _read_settings(self) -> dict[str, Any]:
        path = self.folder / "city.toml"
        if not path.is_file():
            remedy = Both(
                "指明含有该文件的文件夹（见 docs/city/city-folder.md）",
                "name a folder that holds one (see docs/city/city-folder.md)",
            )
            self.problems.add("city.toml", None, None, _MISSING, remedy)
            return {}
        try:
            return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
        except UnicodeDecodeError:
            self.problems.add("city.toml", None, None, _NOT_UTF8, _AS_UTF8)
        except tomllib.TOMLDecodeError as error:
            what = Both(f"不是 TOML：{error}", f"it is not TOML: {error}")
            remedy = Both("改正该处", "mend that place")
            self.problems.add("city.toml", None, None, what, remedy)
        return {}
