"""What core gives and takes over the wire."""

import uuid
from datetime import date, datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import AwareDatetime, Field, StringConstraints

from .models import Organisation, Role, TokenScope, User
from .models.organisation import OrganisationKind

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_.-]{1,40}$")]
Username = Annotated[str, StringConstraints(pattern=r"^[\w.@+-]{1,150}$")]
Password = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class ProblemDocument(Schema):
    """A refusal (RFC 9457), sent as application/problem+json."""

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None
    remedy: str | None = None
    errors: list[dict[str, Any]] | None = None


# For `response={200: …, **REFUSALS}`: how every endpoint says no.
REFUSALS: dict[int, type[Schema]] = dict.fromkeys(
    (400, 401, 403, 404, 409, 413, 415, 422, 429, 503), ProblemDocument
)


class OrganisationOut(Schema):
    code: str
    name_zh: str
    name_en: str
    kind: OrganisationKind
    parent: str | None
    ancestors: list[str]
    active: bool

    @staticmethod
    def resolve_parent(row: Organisation) -> str | None:
        return row.ancestors[-2] if len(row.ancestors) > 1 else None


class OrganisationIn(Schema):
    name_zh: Name
    name_en: Text = ""
    kind: OrganisationKind = OrganisationKind.DEPARTMENT
    parent: Code | None = None
    active: bool = True


class GrantOut(Schema):
    id: int
    role: Role
    role_zh: str
    role_en: str
    organisation: str | None
    area: str = Field(validation_alias="area_code")
    matter: str = Field(validation_alias="matter_code")
    valid_from: datetime
    valid_until: datetime | None

    @staticmethod
    def resolve_organisation(row: Any) -> str | None:
        return row.organisation.code if row.organisation else None

    @staticmethod
    def resolve_role_zh(row: Any) -> str:
        return str(Role(row.role).label)

    @staticmethod
    def resolve_role_en(row: Any) -> str:
        return Role(row.role).label_en


class GrantIn(Schema):
    role: Role
    organisation: Code | None = None
    area: Annotated[str, StringConstraints(max_length=40)] = ""
    matter: Annotated[str, StringConstraints(max_length=80)] = ""
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None


class UserOut(Schema):
    id: int
    username: str
    display_name: str
    email: str
    organisation: str | None
    language: User.Language
    is_active: bool
    is_staff: bool

    @staticmethod
    def resolve_organisation(row: User) -> str | None:
        return row.organisation.code if row.organisation else None


class MeOut(Schema):
    """Who is signed in, with every post; `token_scopes` is null for a session."""

    user: UserOut
    roles: list[Role]
    posts: list[GrantOut]
    token_scopes: list[TokenScope] | None


class MePatch(Schema):
    language: User.Language


class UserIn(Schema):
    username: Username
    display_name: Text = ""
    password: Password | None = None
    organisation: Code | None = None
    language: User.Language = User.Language.ZH
    email: Text = ""
    phone: Annotated[str, StringConstraints(max_length=30)] = ""


class UserPatch(Schema):
    display_name: Text | None = None
    organisation: Code | None = None
    language: User.Language | None = None
    email: Text | None = None
    phone: Annotated[str, StringConstraints(max_length=30)] | None = None
    is_active: bool | None = None


class PasswordIn(Schema):
    password: Password


class TokenOut(Schema):
    id: int
    user: str
    name: str
    prefix: str
    scopes: list[TokenScope]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    @staticmethod
    def resolve_user(row: Any) -> str:
        return str(row.user.username)


class TokenIssued(Schema):
    """The only time the text of the token is shown."""

    text: str
    token: TokenOut


class TokenIn(Schema):
    name: Name
    scopes: list[TokenScope] = Field(min_length=1)
    days: int | None = Field(default=365, ge=1, le=3650)
    user: Username | None = Field(default=None, description="Another user (administrators).")


class AuditOut(Schema):
    id: int
    at: datetime
    actor_id: int | None
    actor_label: str
    action: str
    object_type: str
    object_id: str
    sentence_zh: str
    sentence_en: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class AttachmentOut(Schema):
    uuid: uuid.UUID
    media_type: str
    width: int
    height: int
    size: int
    taken_at: datetime | None
    position: tuple[float, float] | None = Field(description="lon, lat (CGCS2000), from EXIF")
    purpose: str
    created_at: datetime

    @staticmethod
    def resolve_position(row: Any) -> tuple[float, float] | None:
        return (row.position.x, row.position.y) if row.position else None


class OutboxOut(Schema):
    id: int
    channel: str
    recipient: str
    template: str
    state: str
    attempts: int
    next_try: datetime
    last_error: str
    created_at: datetime

    @staticmethod
    def resolve_recipient(row: Any) -> str:
        from .outbox import masked_recipient

        return masked_recipient(row)


class CalendarDaySchema(Schema):
    day: date
    kind: str
    name: str = ""


class CalendarOut(Schema):
    code: str
    name_zh: str
    name_en: str
    zone: str
    duty: list[tuple[str, str]]
    is_default: bool
    days: list[CalendarDaySchema]

    @staticmethod
    def resolve_days(row: Any) -> list[Any]:
        return list(row.days.all())


class CalendarIn(Schema):
    name_zh: Name
    name_en: Text = ""
    zone: Annotated[str, StringConstraints(max_length=60)] = "Asia/Shanghai"
    duty: list[tuple[str, str]] = Field(min_length=1, max_length=10)
    is_default: bool = False
    days: list[CalendarDaySchema] | None = Field(default=None, max_length=5000)


class DeadlineOut(Schema):
    start: datetime
    deadline: datetime


class RevealIn(Schema):
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=500)]


class ContactOut(Schema):
    name: str | None
    phone: str | None
    email: str | None
    erased: bool
