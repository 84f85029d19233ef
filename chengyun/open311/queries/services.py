"""The services on offer and their definitions: the city's catalogue as the public may report it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from chengyun.city.models import Area, CatalogueVersion
from chengyun.city.queries import catalogue
from chengyun.city.snapshot import MatterInfo
from chengyun.open311.models import Open311Attribute, Open311Service
from chengyun.open311.wire import Items, Value, named


@dataclass(frozen=True)
class Service:
    """A matter as the public may report it."""

    matter: MatterInfo
    kind: str
    attributes: tuple[Open311Attribute, ...] = ()

    @property
    def code(self) -> str:
        return self.matter.code


def services() -> list[Service]:
    """Every service on offer: the active matters of the city's own edition, by their codes."""
    known = catalogue()
    try:
        edition = known.default_edition.code
    except LookupError:
        return []
    settings = {row.matter_id: row for row in Open311Service.objects.all()}
    attributes: dict[int, list[Open311Attribute]] = defaultdict(list)
    for attribute in Open311Attribute.objects.order_by("matter_id", "order"):
        attributes[attribute.matter_id].append(attribute)
    found = []
    for matter in known.matters_of(edition):
        row = settings.get(matter.id)
        if row is None or row.listed:
            kind = row.kind if row else Open311Service.Kind.REALTIME.value
            found.append(Service(matter, kind, tuple(attributes[matter.id])))
    return found


def service(code: str) -> Service | None:
    """One service on offer, None when there is none of this code."""
    known = catalogue()
    try:
        matter = known.matter_of.get(f"{known.default_edition.code}:{code}")
    except LookupError:
        return None
    if matter is None or not matter.active:
        return None
    row = Open311Service.objects.filter(matter_id=matter.id).first()
    if row is not None and not row.listed:
        return None
    kind = row.kind if row else Open311Service.Kind.REALTIME.value
    asked = Open311Attribute.objects.filter(matter_id=matter.id).order_by("order")
    return Service(matter, kind, tuple(asked))


def changeset() -> datetime:
    """When the list of services or a definition changed last."""
    return CatalogueVersion.objects.values_list("changed_at", flat=True).latest("changed_at")


def jurisdiction() -> str:
    """The code of the city, which is this server's jurisdiction; "" before a city was loaded."""
    code = Area.objects.filter(level=Area.Level.CITY).values_list("code", flat=True).first()
    return code or ""


def service_item(service: Service, language: str) -> dict[str, Value]:
    """One `service` of the list."""
    matter = service.matter
    return {
        "service_code": service.code,
        "service_name": named(matter.name_zh, matter.name_en, language),
        "description": matter.description,
        "metadata": bool(service.attributes),
        "type": service.kind,
        "keywords": ",".join(alias.replace(",", " ") for alias in matter.aliases),
        "group": named(matter.class_zh, matter.class_en, language),
    }


def definition(service: Service, language: str) -> dict[str, Value]:
    """The `service_definition` of a service; without questions its `attributes` are empty."""
    return {
        "service_code": service.code,
        "attributes": Items(
            "attribute", [_attribute_item(row, language) for row in service.attributes]
        ),
    }


def _attribute_item(row: Open311Attribute, language: str) -> dict[str, Value]:
    item: dict[str, Value] = {
        "variable": row.variable,
        "code": row.code,
        "datatype": row.datatype,
        "required": row.required,
        "datatype_description": named(row.hint_zh, row.hint_en, language),
        "order": row.order,
        "description": named(row.description_zh, row.description_en, language),
    }
    if row.is_list:
        names = [named(zh, en, language) for zh, en in zip(row.names_zh, row.names_en, strict=True)]
        item["values"] = Items(
            "value", [{"key": k, "name": n} for k, n in zip(row.keys, names, strict=True)]
        )
    return item
