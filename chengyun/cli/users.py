"""``chengyun users``: accounts, posts and tokens from the command line."""

from typing import TYPE_CHECKING, Annotated

import typer

from chengyun.config.language import refusal, said

if TYPE_CHECKING:
    from chengyun.core.models import Organisation, User
    from chengyun.core.problems import Problem

app = typer.Typer(help="Accounts, posts and tokens.", no_args_is_help=True)

Username = Annotated[str, typer.Argument(help="User name of the account.")]
Password = Annotated[
    str,
    typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="Asked when absent."),
]


@app.command("list")
def list_users(
    inactive: Annotated[bool, typer.Option(help="Deactivated accounts too.")] = False,
) -> None:
    """Every account with its posts."""
    from chengyun.core.models import User

    rows = User.objects.prefetch_related("grants").select_related("organisation")
    for user in rows if inactive else rows.filter(is_active=True):
        posts = ", ".join(sorted({grant.role for grant in user.grants.all()})) or "-"
        place = user.organisation.code if user.organisation else "-"
        state = "" if user.is_active else said("（已停用）", "  (deactivated)")
        typer.echo(f"{user.username}  {user.display_name or '-'}  {place}  {posts}{state}")


@app.command()
def create(
    username: Username,
    password: Password,
    name: Annotated[str, typer.Option(help="Display name.")] = "",
    organisation: Annotated[str, typer.Option(help="Code of the organisation.")] = "",
    role: Annotated[str, typer.Option(help="A post to give at once, e.g. administrator.")] = "",
    admin_site: Annotated[bool, typer.Option(help="May open the Django admin.")] = False,
) -> None:
    """Create an account."""
    from django.db import transaction

    from chengyun.cli.session import command_actor
    from chengyun.core.actions import create_user, grant_role
    from chengyun.core.problems import Problem

    try:
        with transaction.atomic():
            user = create_user(
                actor=command_actor(),
                username=username,
                display_name=name,
                password=password,
                organisation=_organisation(organisation),
                is_staff=admin_site,
            )
            if role:
                grant_role(actor=command_actor(), user=user, role=_role(role))
    except Problem as problem:
        raise _told(problem) from None
    typer.echo(said(f"{username} 可以登录了。", f"{username} can sign in."))


@app.command()
def password(username: Username, password: Password) -> None:
    """Set a new password; sessions of the account end."""
    from chengyun.cli.session import command_actor
    from chengyun.core.actions import set_password
    from chengyun.core.problems import Problem

    try:
        set_password(actor=command_actor(), user=_user(username), password=password)
    except Problem as problem:
        raise _told(problem) from None
    typer.echo(said(f"{username} 的密码已更改。", f"The password of {username} is changed."))


@app.command()
def grant(
    username: Username,
    role: Annotated[str, typer.Argument(help="The post, e.g. dispatcher.")],
    organisation: Annotated[str, typer.Option(help="Code of the organisation.")] = "",
    area: Annotated[str, typer.Option(help="Area code; empty is everywhere.")] = "",
    matter: Annotated[str, typer.Option(help="edition:class[subclass]; empty is all.")] = "",
) -> None:
    """Give a post."""
    from chengyun.cli.session import command_actor
    from chengyun.core.actions import grant_role
    from chengyun.core.problems import Problem

    try:
        grant_role(
            actor=command_actor(),
            user=_user(username),
            role=_role(role),
            organisation=_organisation(organisation),
            area_code=area,
            matter_code=matter,
        )
    except Problem as problem:
        raise _told(problem) from None
    typer.echo(said(f"{username} 已授予岗位 {role}。", f"{username} is {role}."))


@app.command()
def token(
    username: Username,
    name: Annotated[str, typer.Option(help="What the token is for.")],
    scope: Annotated[list[str], typer.Option(help="read, write, intake, open311, export, admin.")],
    days: Annotated[int, typer.Option(min=1, help="Days it is valid.")] = 365,
) -> None:
    """Issue an API token; its text is printed once."""
    from chengyun.cli.session import command_actor
    from chengyun.core.actions import issue_token
    from chengyun.core.problems import Problem

    try:
        _, text = issue_token(
            actor=command_actor(), user=_user(username), name=name, scopes=scope, days=days
        )
    except Problem as problem:
        raise _told(problem) from None
    typer.echo(text)


@app.command()
def deactivate(username: Username) -> None:
    """End an account and its tokens. It is not deleted: the audit keeps pointing at it."""
    from chengyun.cli.session import command_actor
    from chengyun.core.actions import deactivate_user

    deactivate_user(actor=command_actor(), user=_user(username))
    typer.echo(said(f"{username} 已停用。", f"{username} is deactivated."))


def _user(username: str) -> "User":
    from chengyun.core.models import User

    found = User.objects.filter(username=username).first()
    if found is None:
        raise typer.BadParameter(
            said(
                f"没有账号 {username}；见 `chengyun users list`。",
                f"There is no account {username}; see `chengyun users list`.",
            )
        )
    return found


def _organisation(code: str) -> "Organisation | None":
    from chengyun.core.models import Organisation

    if not code:
        return None
    found = Organisation.objects.filter(code=code).first()
    if found is None:
        raise typer.BadParameter(said(f"没有机构 {code}。", f"There is no organisation {code}."))
    return found


def _role(name: str) -> str:
    from chengyun.core.models import Role

    if name not in Role.values:
        known = ", ".join(Role.values)
        raise typer.BadParameter(
            said(f"没有岗位 {name}；可用：{known}。", f"{name} is no post; use one of {known}.")
        )
    return name


def _told(problem: "Problem") -> typer.Exit:
    typer.secho(refusal(problem), fg=typer.colors.RED, err=True)
    return typer.Exit(1)
