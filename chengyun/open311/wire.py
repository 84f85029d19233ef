"""One document, two formats: GeoReport v2's XML, and JSON by the Spark convention.

A document is built once from plain values and rendered by the suffix of the address:

    Items("service", [{"service_code": "06001", "metadata": True}])   under the root "services"
    → <services><service><service_code>06001</service_code><metadata>true</metadata>…
    → [{"service_code": "06001", "metadata": true}]

Spark drops the root element and turns a container with one repeating child into a bare array,
also when it holds one item or none. None is an empty element and JSON null.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias
from xml.etree import ElementTree as ET

MEDIA_TYPES = {
    "xml": "text/xml; charset=utf-8",
    "json": "application/json; charset=utf-8",
}

Value: TypeAlias = "str | int | float | bool | datetime | Items | Mapping[str, Value] | None"

# What XML 1.0 cannot carry, not even as a character reference.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Items:
    """A container with one repeating child, named by its element name in XML."""

    name: str
    items: Sequence["Value"]


def render(root: str, content: Items | Mapping[str, Value], fmt: str) -> bytes:
    """The document as UTF-8 bytes; `fmt` is "xml" or "json"."""
    if fmt == "json":
        text = json.dumps(_plain(content), ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "backslashreplace")
    element = ET.Element(root)
    _fill(element, content)
    body: bytes = ET.tostring(element, encoding="utf-8", xml_declaration=False)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + body


def moment(at: datetime) -> str:
    """A time as GeoReport writes it: UTC, whole seconds, with its zone."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def named(zh: str, en: str, language: str) -> str:
    """The name in the asked language, or in the other where it has none."""
    return (en or zh) if language == "en" else (zh or en)


def _plain(value: Value) -> object:
    match value:
        case Items():
            return [_plain(item) for item in value.items]
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
        case datetime():
            return moment(value)
    return value


def _fill(element: ET.Element, value: Value) -> None:
    match value:
        case None:
            pass
        case Items():
            for item in value.items:
                _fill(ET.SubElement(element, value.name), item)
        case Mapping():
            for key, item in value.items():
                _fill(ET.SubElement(element, key), item)
        case bool():
            element.text = "true" if value else "false"
        case datetime():
            element.text = moment(value)
        case _:
            element.text = _NOT_XML.sub("", str(value))
