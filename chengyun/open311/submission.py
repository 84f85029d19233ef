"""Reading a submitted form: everything that is wrong with it is found in one go."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_email
from django.http import QueryDict

from chengyun.city.models import Address
from chengyun.city.queries import locate
from chengyun.governance.actions import NewContact
from chengyun.open311.faults import not_found
from chengyun.open311.models import Open311Attribute
from chengyun.open311.queries.services import Service, service
from chengyun.open311.reading import Reader, w3c
from chengyun.open311.wire import moment

DESCRIPTION_LIMIT: Final = 4000
_ANSWER_LIMIT: Final = 4000
_STRING_LIMIT: Final = 250
_MEDIA_LIMIT: Final = 5
_ATTRIBUTE = re.compile(r"attribute\[([^\[\]]{1,80})\](?:\[\])?")

Answer = str | list[str]


@dataclass(frozen=True)
class Submission:
    """A request as it was sent, checked."""

    service: Service
    description: str
    lon: float | None
    lat: float | None
    address: str
    contact: NewContact
    answers: dict[str, Answer]
    media_urls: Sequence[str]
    media: Sequence["UploadedFile[Any]"]


def offered(code: str) -> Service:
    """The service of this code. Raises a refusal when there is none."""
    found = service(code)
    if found is None:
        raise not_found(
            f"没有服务 {code}，请看 services 列表。",
            f"There is no service {code}; see the list of services.",
            "service_code",
        )
    return found


def read_submission(
    reader: Reader, given: QueryDict, media: Sequence["UploadedFile[Any]"]
) -> Submission:
    """Check a whole form. Raises one refusal with everything that is wrong."""
    code = reader.text("service_code")
    if not code:
        reader.fault("service_code", "缺少 service_code。", "service_code is missing.")
        reader.refuse_if_faulty()
    chosen = offered(code)
    lon, lat, address = _place(reader)
    submission = Submission(
        service=chosen,
        description=reader.text("description", DESCRIPTION_LIMIT),
        lon=lon,
        lat=lat,
        address=address,
        contact=_contact(reader),
        answers=_answers(reader, given, chosen.attributes),
        media_urls=_media_urls(reader, given.getlist("media_url")),
        media=media,
    )
    if len(media) > _MEDIA_LIMIT:
        reader.fault(
            "media",
            f"一次最多上传 {_MEDIA_LIMIT} 张图片。",
            f"At most {_MEDIA_LIMIT} pictures can be sent at once.",
        )
    reader.refuse_if_faulty()
    return submission


def _place(reader: Reader) -> tuple[float | None, float | None, str]:
    """Longitude, latitude and address: one of both ways to say where must be whole."""
    lat, lon = reader.number("lat", -90, 90), reader.number("long", -180, 180)
    half = bool(reader.text("lat")) != bool(reader.text("long"))
    address, address_id = reader.text("address_string"), reader.text("address_id", 40)
    if half:
        name = "long" if reader.text("lat") else "lat"
        reader.fault(name, f"缺少 {name}。", f"{name} is missing.")
    elif not (reader.text("lat") or address or address_id):
        reader.fault(
            "lat",
            "缺少位置：请给出 lat 与 long，或 address_string，或 address_id。",
            "The place is missing: give lat and long, or address_string, or address_id.",
        )
    if lat is not None and lon is not None and locate(lon, lat) is None:
        reader.fault(
            "lat",
            "该位置不在本市服务范围内。",
            "The position is outside the area that this city serves.",
        )
    if address_id:
        known = Address.objects.filter(pk=int(address_id)) if _is_id(address_id) else None
        found = known.first() if known is not None else None
        if found is None:
            reader.fault(
                "address_id",
                f"没有地址 {address_id}。",
                f"There is no address {address_id}.",
            )
        else:
            address = address or found.full_text
            if lat is None and lon is None:
                lon, lat = found.geom.x, found.geom.y
    return lon, lat, address


def _is_id(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,18}", text) is not None


def _contact(reader: Reader) -> NewContact:
    first, last = reader.text("first_name", 60), reader.text("last_name", 60)
    # A Chinese name is written family name first and without a blank.
    chinese = any("\u4e00" <= letter <= "\u9fff" for letter in first + last)
    name = last + first if chinese else f"{first} {last}".strip()
    email = reader.text("email", 200)
    if email:
        try:
            validate_email(email)
        except ValidationError:
            reader.fault("email", "email 不是邮箱地址。", "email is not a mail address.")
    phone = reader.text("phone", 40)
    if phone and not re.fullmatch(r"[0-9+() .\-]{3,40}", phone):
        reader.fault("phone", "phone 不是电话号码。", "phone is not a phone number.")
    return NewContact(name=name, phone=phone, email=email)


def _media_urls(reader: Reader, given: Sequence[str]) -> list[str]:
    urls = [url.strip() for url in given if url.strip()]
    for url in urls:
        try:
            parts = urlsplit(url)
            good = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            good = False
        if not good or len(url) > 500 or not url.isprintable():
            reader.fault(
                "media_url",
                "media_url 须为 http 或 https 地址，最多 500 个字符。",
                "media_url must be an http or https address of at most 500 characters.",
            )
    if len(urls) > _MEDIA_LIMIT:
        reader.fault(
            "media_url",
            f"media_url 最多 {_MEDIA_LIMIT} 个。",
            f"At most {_MEDIA_LIMIT} media_url are accepted.",
        )
    return urls


def _answers(
    reader: Reader, given: QueryDict, attributes: Sequence[Open311Attribute]
) -> dict[str, Answer]:
    """The answers to the service's questions, by attribute code."""
    sent: dict[str, list[str]] = {}
    for name in given:
        if match := _ATTRIBUTE.fullmatch(name):
            values = [value.strip() for value in given.getlist(name) if value.strip()]
            sent.setdefault(match[1], []).extend(values)
    asked = {row.code: row for row in attributes if row.variable}
    for code in sent.keys() - asked.keys():
        reader.fault(
            f"attribute[{code}]",
            f"此服务没有属性 {code}。",
            f"This service has no attribute {code}.",
        )
    answers: dict[str, Answer] = {}
    for code, row in asked.items():
        values = sent.get(code, [])
        if values:
            answer = _answer(reader, row, values)
            if answer is not None:
                answers[code] = answer
        elif row.required:
            reader.fault(
                f"attribute[{code}]",
                f"缺少必填属性 attribute[{code}]：{row.description_zh}",
                f"The required attribute[{code}] is missing: "
                f"{row.description_en or row.description_zh}",
            )
    return answers


def _answer(reader: Reader, row: Open311Attribute, values: list[str]) -> Answer | None:
    name = f"attribute[{row.code}]"
    kind = Open311Attribute.Datatype(row.datatype)
    if kind is not kind.MULTI and len(values) > 1:
        reader.fault(name, f"{name} 只能有一个值。", f"{name} takes one value.")
        return None
    if row.is_list:
        wrong = [value for value in values if value not in row.keys]
        if wrong:
            reader.fault(
                name,
                f"{name} 的值须取自 {', '.join(row.keys)}。",
                f"The value of {name} must be one of {', '.join(row.keys)}.",
            )
            return None
        return list(dict.fromkeys(values)) if kind is kind.MULTI else values[0]
    value = values[0]
    try:
        return _plain_answer(kind, value)
    except (ValueError, InvalidOperation):
        zh, en = _EXPECTED[kind]
        reader.fault(name, f"{name} 须为{zh}。", f"{name} must be {en}.")
        return None


_EXPECTED = {
    Open311Attribute.Datatype.NUMBER: ("数值", "a number"),
    Open311Attribute.Datatype.DATETIME: (
        "带时区的日期时间，如 2026-01-31T08:00:00Z",
        "a date and time with its zone, such as 2026-01-31T08:00:00Z",
    ),
    Open311Attribute.Datatype.STRING: (
        f"不超过 {_STRING_LIMIT} 个字符的文字",
        f"text of at most {_STRING_LIMIT} characters",
    ),
    Open311Attribute.Datatype.TEXT: (
        f"不超过 {_ANSWER_LIMIT} 个字符的文字",
        f"text of at most {_ANSWER_LIMIT} characters",
    ),
}


def _plain_answer(kind: Open311Attribute.Datatype, value: str) -> str:
    """The value as it is kept. Raises ValueError or InvalidOperation."""
    if "\x00" in value:
        raise ValueError(value)
    match kind:
        case kind.NUMBER:
            number = Decimal(value)
            if not number.is_finite() or len(value) > 40:
                raise ValueError(value)
        case kind.DATETIME:
            return moment(w3c(value))
        case kind.STRING if len(value) > _STRING_LIMIT:
            raise ValueError(value)
        case _ if len(value) > _ANSWER_LIMIT:
            raise ValueError(value)
    return value
