"""What a person does in QGIS with the city's service, as a program for QGIS's own Python.

It knows nothing of the platform: it is told on its standard input where the service is and who
asks, and writes into a file what QGIS found.
"""

import json
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from qgis.core import (
    NULL,
    Qgis,
    QgsApplication,
    QgsAuthMethodConfig,
    QgsBlockingNetworkRequest,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsJsonExporter,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsPointXY,
    QgsRectangle,
    QgsVectorDataProvider,
    QgsVectorLayer,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QSize, QUrl
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtNetwork import QNetworkRequest

Json = dict[str, Any]


def sign_in(token: str) -> str:
    """An entry of QGIS's own store of sign-ins, with the token as the password."""
    manager = QgsApplication.authManager()
    assert manager.setMasterPassword("only for this session", True)
    entry = QgsAuthMethodConfig("Basic")
    entry.setName("city")
    entry.setConfig("username", "gis")
    entry.setConfig("password", token)
    manager.storeAuthenticationConfig(entry)
    assert entry.id(), "the sign-in was not kept"
    return str(entry.id())


class Session:
    """QGIS in front of one service."""

    def __init__(self, url: str, entry: str) -> None:
        self.url, self.entry = url, entry

    def opened(self, name: str, more: str = "") -> QgsVectorLayer:
        source = f"url='{self.url}' typename='{name}' authcfg={self.entry} {more}"
        layer = QgsVectorLayer(source, name, "OAPIF")
        assert layer.isValid(), f"{name}: {layer.error().summary()}"
        return layer

    def read(self, page: int, box: list[float], since: str) -> Json:
        """All pages, then a part by a box, and parts by conditions on a day and on a text."""
        components = self.opened("components", f"pagingEnabled='true' pageSize='{page}'")
        everything = rows(components)
        boxed = self.opened("components", "restrictToRequestBBOX='1'")
        inside = rows(boxed, QgsFeatureRequest().setFilterRect(QgsRectangle(*box)))
        later, lost = self.opened("components"), self.opened("components")
        assert later.setSubsetString(f"\"changed_on\" >= '{since}'")
        assert lost.setSubsetString("\"state\" = 'lost' AND \"name\" = '井盖'")
        areas = self.opened("areas")
        return {
            "crs": components.crs().authid(),
            "fields": {field.name(): field.typeName() for field in components.fields()},
            "count": components.featureCount(),
            "components": everything,
            "inside": inside,
            "later": rows(later),
            "lost": rows(lost),
            "areas": rows(areas),
        }

    def edit(self, place: list[float], properties: Json, change: Json) -> Json:
        """A new feature, a change of it and its removal. QGIS writes the GeoJSON and sends it with
        its own sign-in: not every version edits layers of this kind."""
        layer = self.opened("components")
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(*place)))
        for name, value in properties.items():
            feature.setAttribute(name, value)
        at = f"{self.url}/collections/components/items"
        exporter = QgsJsonExporter(layer)
        told: Json = {
            "editable": bool(
                layer.dataProvider().capabilities() & QgsVectorDataProvider.AddFeatures
            ),
        }
        status, location = self.send("POST", at, written(exporter, feature))[::2]
        told["added"] = [status, self.send("GET", location)[1]]
        for name, value in change.items():
            feature.setAttribute(name, value)
        status = self.send("PUT", location, written(exporter, feature))[0]
        told["changed"] = [status, self.send("GET", location)[1]]
        status = self.send("DELETE", location)[0]
        told["removed"] = [status, self.send("GET", location)[0]]
        return told

    def send(self, verb: str, at: str, body: bytes = b"") -> tuple[int, Any, str]:
        """The status, the document and the Location of an answer."""
        request = QNetworkRequest(QUrl(at))
        asking = QgsBlockingNetworkRequest()
        asking.setAuthCfg(self.entry)
        if verb == "GET":
            asking.get(request, True)
        elif verb == "DELETE":
            asking.deleteResource(request)
        else:
            request.setHeader(QNetworkRequest.ContentTypeHeader, "application/geo+json")
            (asking.post if verb == "POST" else asking.put)(request, body)
        reply = asking.reply()
        status = reply.attribute(QNetworkRequest.HttpStatusCodeAttribute)
        text = bytes(reply.content()).decode()
        names = [name for name in reply.rawHeaderList() if bytes(name).lower() == b"location"]
        location = bytes(reply.rawHeader(names[0])).decode() if names else ""
        return int(status or 0), json.loads(text) if text else None, location

    def draw(self, tiles: str, zooms: list[int], metres: list[float], image: str) -> Json:
        """The vector tiles on QGIS's map, in the style that it gives them, as an image."""
        low, high = zooms
        source = f"type=xyz&url={quote(tiles, safe='')}&zmin={low}&zmax={high}"
        layer = QgsVectorTileLayer(f"{source}&authcfg={self.entry}", "tiles")
        assert layer.isValid(), layer.error().summary()
        settings = QgsMapSettings()
        settings.setLayers([layer])
        settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
        settings.setExtent(QgsRectangle(*metres))
        settings.setOutputSize(QSize(600, 600))
        settings.setBackgroundColor(QColor("white"))
        job = QgsMapRendererParallelJob(settings)
        job.start()
        job.waitForFinished()
        assert job.renderedImage().save(image)
        return {"errors": [str(each.message) for each in job.errors()]}


def rows(layer: QgsVectorLayer, request: QgsFeatureRequest | None = None) -> list[Json]:
    """Each feature's attributes, and its middle as QGIS has it: x, then y."""
    names = [field.name() for field in layer.fields()]
    found = []
    for each in layer.getFeatures(request or QgsFeatureRequest()):
        row = {name: plain(each.attribute(name)) for name in names}
        if each.hasGeometry():
            middle = each.geometry().pointOnSurface().asPoint()
            row["place"] = [middle.x(), middle.y()]
        found.append(row)
    return found


def plain(value: Any) -> Any:
    if value is None or value == NULL:
        return None
    return value.toString("yyyy-MM-dd") if hasattr(value, "toString") else value


def written(exporter: QgsJsonExporter, feature: QgsFeature) -> bytes:
    """A feature as QGIS sends it, without its own field of the feature's id."""
    content = json.loads(exporter.exportFeature(feature))
    for name in ("id", "bbox"):
        content.pop(name, None)
    content["properties"].pop("id", None)
    return json.dumps(content).encode()


def main() -> None:
    given = json.load(sys.stdin)
    application = QgsApplication([], False, given["folder"])
    application.initQgis()
    try:
        session = Session(given["url"], sign_in(given["token"]))
        told = {"version": Qgis.QGIS_VERSION}
        told |= {step: getattr(session, step)(**how) for step, how in given["steps"].items()}
        Path(given["answer"]).write_text(json.dumps(told))
    finally:
        application.exitQgis()


main()
