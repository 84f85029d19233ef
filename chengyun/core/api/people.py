from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from ..actions import (
    choose_language,
    create_user,
    deactivate_user,
    grant_role,
    revoke_grant,
    save_organisation,
    set_password,
    update_user,
)
from ..actor import Actor
from ..http import actor_of, requires, session_or_token
from ..models import Grant, Organisation, Role, User
from ..models.organisation import OrganisationKind
from ..pagination import Page, PageCursor, PageLimit, paginate
from ..problems import Invalid, sign_in_first
from ..queries import organisations_below
from ..schemas import (
    REFUSALS,
    Code,
    GrantIn,
    GrantOut,
    MeOut,
    MePatch,
    OrganisationIn,
    OrganisationOut,
    PasswordIn,
    UserIn,
    UserOut,
    UserPatch,
)

router = Router()


@router.get("/me", auth=session_or_token, response={200: MeOut, **REFUSALS})
def me(request: HttpRequest) -> dict[str, Any]:
    """The signed-in person, with posts and roles."""
    return _described(actor_of(request))


@router.patch("/me", auth=session_or_token, response={200: MeOut, **REFUSALS})
def patch_me(request: HttpRequest, content: MePatch) -> dict[str, Any]:
    """Choose my language."""
    actor = actor_of(request)
    user = choose_language(actor=actor, language=content.language)
    return _described(actor) | {"user": user}


def _described(actor: Actor) -> dict[str, Any]:
    """Who an actor is, with posts and roles."""
    if actor.user is None:
        raise sign_in_first()
    posts = Grant.objects.filter(user=actor.user).select_related("organisation")
    return {
        "user": actor.user,
        "roles": sorted(actor.scope.roles()),
        "posts": list(posts),
        "token_scopes": sorted(actor.token_scopes) if actor.token_scopes is not None else None,
    }


@router.get(
    "/organisations", auth=session_or_token, response={200: Page[OrganisationOut], **REFUSALS}
)
def list_organisations(
    request: HttpRequest,
    below: Code | None = None,
    kind: OrganisationKind | None = None,
    cursor: PageCursor = None,
    limit: PageLimit = 100,
) -> dict[str, Any]:
    """Organisations by code; `below` gives one with everything under it."""
    rows = organisations_below(below) if below else Organisation.objects.all()
    if kind is not None:
        rows = rows.filter(kind=kind)
    items, following, previous = paginate(rows, order=["code"], cursor=cursor, limit=limit)
    return {"items": items, "next": following, "previous": previous}


@router.put(
    "/organisations/{code}", auth=requires("admin"), response={200: OrganisationOut, **REFUSALS}
)
def put_organisation(request: HttpRequest, code: Code, content: OrganisationIn) -> Organisation:
    """Create or change an organisation; moving it moves what is below it."""
    return save_organisation(actor=actor_of(request), code=code, **content.dict())


@router.get("/users", auth=requires("admin"), response={200: Page[UserOut], **REFUSALS})
def list_users(
    request: HttpRequest,
    q: Annotated[str, Query(max_length=100, description="Part of a name.")] = "",
    organisation: Code | None = None,
    cursor: PageCursor = None,
    limit: PageLimit = 25,
) -> dict[str, Any]:
    """Accounts by user name (administrators)."""
    actor_of(request).require_role(Role.ADMINISTRATOR)
    rows = User.objects.select_related("organisation")
    if q:
        rows = rows.filter(username__icontains=q) | rows.filter(display_name__icontains=q)
    if organisation is not None:
        rows = rows.filter(organisation__ancestors__contains=[organisation])
    items, following, previous = paginate(rows, order=["username"], cursor=cursor, limit=limit)
    return {"items": items, "next": following, "previous": previous}


@router.post("/users", auth=requires("admin"), response={201: UserOut, **REFUSALS})
def post_user(request: HttpRequest, content: UserIn) -> Status[User]:
    """Create an account (administrators)."""
    fields = content.dict()
    fields["organisation"] = _organisation(fields["organisation"])
    return Status(201, create_user(actor=actor_of(request), **fields))


@router.patch("/users/{int:user_id}", auth=requires("admin"), response={200: UserOut, **REFUSALS})
def patch_user(request: HttpRequest, user_id: int, content: UserPatch) -> User:
    """Change the given fields of an account; `organisation: null` takes it out of its one."""
    changes = content.dict(exclude_unset=True)
    if "organisation" in changes:
        changes["organisation"] = _organisation(changes["organisation"])
    empty = sorted(name for name, value in changes.items() if value is None)
    if empty and empty != ["organisation"]:
        raise Invalid(
            zh=f"{', '.join(empty)} 不能为 null。",
            en=f"{', '.join(empty)} cannot be null.",
            field=empty[0],
        )
    actor = actor_of(request)
    actor.require_role(Role.ADMINISTRATOR)
    return update_user(actor=actor, user=get_object_or_404(User, pk=user_id), **changes)


@router.post(
    "/users/{int:user_id}/password", auth=requires("admin"), response={204: None, **REFUSALS}
)
def post_password(request: HttpRequest, user_id: int, content: PasswordIn) -> Status[None]:
    """Set somebody's password (administrators); their sessions end. One's own is changed at
    /accounts/password/change/, which asks for the old one."""
    actor = actor_of(request)
    actor.require_role(Role.ADMINISTRATOR)
    user = get_object_or_404(User, pk=user_id)
    set_password(actor=actor, user=user, password=content.password)
    return Status(204, None)


@router.post(
    "/users/{int:user_id}/deactivate", auth=requires("admin"), response={200: UserOut, **REFUSALS}
)
def post_deactivation(request: HttpRequest, user_id: int) -> User:
    """End an account and its tokens (administrators)."""
    actor = actor_of(request)
    actor.require_role(Role.ADMINISTRATOR)
    return deactivate_user(actor=actor, user=get_object_or_404(User, pk=user_id))


@router.get(
    "/users/{int:user_id}/grants",
    auth=requires("admin"),
    response={200: list[GrantOut], **REFUSALS},
)
def list_grants(request: HttpRequest, user_id: int) -> list[Grant]:
    """Every post of a person, past and future ones too (administrators)."""
    actor_of(request).require_role(Role.ADMINISTRATOR)
    user = get_object_or_404(User, pk=user_id)
    return list(user.grants.select_related("organisation"))


@router.post(
    "/users/{int:user_id}/grants", auth=requires("admin"), response={201: GrantOut, **REFUSALS}
)
def post_grant(request: HttpRequest, user_id: int, content: GrantIn) -> Status[Grant]:
    """Give a post (administrators); 409 when it is of another axis than those held."""
    actor = actor_of(request)
    actor.require_role(Role.ADMINISTRATOR)
    if content.valid_from and content.valid_until and content.valid_until <= content.valid_from:
        raise Invalid(
            zh="截止时间须晚于开始时间。",
            en="valid_until must be after valid_from.",
            field="valid_until",
        )
    grant = grant_role(
        actor=actor,
        user=get_object_or_404(User, pk=user_id),
        role=content.role,
        organisation=_organisation(content.organisation),
        area_code=content.area,
        matter_code=content.matter,
        valid_from=content.valid_from,
        valid_until=content.valid_until,
    )
    return Status(201, grant)


@router.delete("/grants/{int:grant_id}", auth=requires("admin"), response={204: None, **REFUSALS})
def delete_grant(request: HttpRequest, grant_id: int) -> Status[None]:
    """Take a post away (administrators)."""
    actor = actor_of(request)
    actor.require_role(Role.ADMINISTRATOR)
    revoke_grant(actor=actor, grant=get_object_or_404(Grant, pk=grant_id))
    return Status(204, None)


def _organisation(code: str | None) -> Organisation | None:
    if code is None:
        return None
    found = Organisation.objects.filter(code=code).first()
    if found is None:
        raise Invalid(
            zh=f"机构 {code} 不存在。",
            en=f"There is no organisation {code}.",
            field="organisation",
            remedy_zh="请先建立机构，或从 /api/organisations 选择。",
            remedy_en="Create it first, or choose one of /api/organisations.",
        )
    return found
