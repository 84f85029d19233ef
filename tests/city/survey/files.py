"""Survey files as departments hand them in, written by the libraries of the field."""

import gzip
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio.raw
import pyproj
import shapely

Rows = Sequence[dict[str, Any]]


def points(rows: Rows, crs: str = "EPSG:4490") -> np.ndarray[Any, Any]:
    """The points of rows with lon and lat in CGCS2000 degrees, in another system."""
    x = np.array([row["lon"] for row in rows], dtype=float)
    y = np.array([row["lat"] for row in rows], dtype=float)
    if crs not in ("EPSG:4490", "EPSG:4326"):
        x, y = pyproj.Transformer.from_crs("EPSG:4490", crs, always_xy=True).transform(x, y)
    made: np.ndarray[Any, Any] = shapely.points(x, y)
    return made


def write_vector(
    path: Path,
    rows: Rows,
    *,
    driver: str,
    crs: str | None = "EPSG:4490",
    shapes: Any = None,
    kind: str = "Point",
    encoding: str | None = None,
    layer: str | None = None,
    append: bool = False,
) -> Path:
    """Write a file by GDAL. `rows` without lon and lat become its fields, all text or numbers."""
    given = points(rows, crs or "EPSG:4490") if shapes is None else shapes
    # An index would put the rows into another order.
    more = {"SPATIAL_INDEX": "NO"} if driver == "FlatGeobuf" else {}
    names = [name for name in (rows[0] if rows else {}) if name not in ("lon", "lat")]
    data = [np.array([row[name] for row in rows], dtype=object) for name in names]
    pyogrio.raw.write(
        str(path), shapely.to_wkb(given), data, names, driver=driver, geometry_type=kind,
        crs=crs, encoding=encoding, layer=layer, append=append, **more,
    )  # fmt: skip
    return path


def write_parquet(
    path: Path,
    rows: Rows,
    *,
    crs: str | None = "EPSG:4490",
    group: int = 1_000,
    shapes: Sequence[bytes] | None = None,
) -> Path:
    """Write GeoParquet 1.1 with WKB, the rows' points where no `shapes` are given; `crs` None
    leaves it out (which means CRS84)."""
    about: dict[str, Any] = {"encoding": "WKB", "geometry_types": ["Point"]}
    if crs is not None:
        about["crs"] = pyproj.CRS(crs).to_json_dict()
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": about}}
    names = [name for name in rows[0] if name not in ("lon", "lat")]
    if shapes is None:
        shapes = shapely.to_wkb(points(rows, crs or "EPSG:4490"))
    table = pa.table(
        {
            **{name: pa.array([row[name] for row in rows]) for name in names},
            "geometry": pa.array(shapes, pa.binary()),
        }
    ).replace_schema_metadata({"geo": json.dumps(geo)})
    pq.write_table(table, path, row_group_size=group)
    return path


def write_geojson(path: Path, features: Sequence[tuple[dict[str, Any], Any]]) -> Path:
    """Write GeoJSON of (properties, geometry), packed when the name says so."""
    document = {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": properties, "geometry": geometry}
            for properties, geometry in features
        ],
    }
    content = json.dumps(document, ensure_ascii=False).encode()
    path.write_bytes(gzip.compress(content) if path.name.endswith(".gz") else content)
    return path


def packed(path: Path, files: Sequence[Path], folder: str = "") -> Path:
    """Put files into a zip, in a folder of it."""
    with zipfile.ZipFile(path, "w") as out:
        for file in files:
            out.write(file, f"{folder}{file.name}")
    return path
