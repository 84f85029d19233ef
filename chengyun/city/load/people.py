"""Loading who works in the city: organisations, accounts, posts, and the work calendar."""

import re

from django.utils import timezone

from chengyun.city import codes
from chengyun.city.load.folder import FolderReader
from chengyun.city.load.report import Count
from chengyun.city.load.table import CellError, Column, Row, Table, day, no_organisation, one_of
from chengyun.city.load.upsert import upsert
from chengyun.city.models import Area, Edition, Matter
from chengyun.core.actions import save_calendar, save_organisation
from chengyun.core.actor import Actor
from chengyun.core.audit import entry, record_many
from chengyun.core.models import (
    AXIS,
    CalendarDay,
    Grant,
    Organisation,
    Role,
    User,
    WorkCalendar,
)
from chengyun.core.problems import Problem
from chengyun.core.words import Both

ORGANISATIONS, USERS, GRANTS, CALENDAR = (
    "organisations.csv",
    "users.csv",
    "grants.csv",
    "calendar.csv",
)


def organisation_code(cell: str) -> str:
    """Read an organisation's code; 18-character credit codes must have their check character."""
    if not re.fullmatch(r"[0-9A-Za-z_.-]{1,40}", cell):
        raise CellError(
            Both(f"{cell!r} 不是代码", f"{cell!r} is not a code"),
            Both("用至多 40 个字母、数字、_ . -", "use up to 40 letters, digits, _ . -"),
        )
    codes.organisation_code(cell)
    return cell


def username(cell: str) -> str:
    """Read a user name."""
    if not re.fullmatch(r"[\w.@+-]{1,150}", cell):
        raise CellError(
            Both(f"{cell!r} 不是用户名", f"{cell!r} is not a user name"),
            Both("用字母、数字和 . @ + - _", "use letters, digits and . @ + - _"),
        )
    return cell


ORGANISATION_COLUMNS = [
    Column("code", parse=organisation_code),
    Column("name_zh"),
    Column("name_en", required=False),
    Column("kind", parse=one_of(Organisation.Kind.values)),
    Column("parent", required=False),
]
USER_COLUMNS = [
    Column("username", parse=username),
    Column("display_name"),
    Column("organisation", required=False),
    Column("language", required=False, parse=one_of(User.Language.values), default="zh"),
]
GRANT_COLUMNS = [
    Column("username"),
    Column("role", parse=one_of(Role.values)),
    Column("organisation", required=False),
    Column("area", required=False),
    Column("matter", required=False),
]
_GRANT_REMEDIES = {
    "username": Both("将该用户加入 users.csv", "add the user to users.csv"),
    "organisation": Both("将其加入 organisations.csv", "add it to organisations.csv"),
    "area": Both(
        "写区域编码，或留空表示各处", "use the code of an area, or leave it empty for everywhere"
    ),
    "matter": Both(
        "写 版本:大类 或 版本:大类小类，留空表示全部",
        "write EDITION:CLASS or EDITION:CLASS+SUBCLASS, or nothing for all",
    ),
}
CALENDAR_COLUMNS = [
    Column("day", parse=day),
    Column("kind", parse=one_of(CalendarDay.Kind.values)),
    Column("name", required=False),
]


def load_calendar(reader: FolderReader, actor: Actor) -> Count:
    """Load the work calendar: duty hours of `city.toml`, days of `calendar.csv`."""
    settings = reader.settings.get("calendar", {})
    table = reader.table(CALENDAR, CALENDAR_COLUMNS, unique=("day",))
    days = [(row["day"], row["kind"], row["name"]) for row in table] if table else None
    if not isinstance(settings, dict) or not settings.get("code"):
        if table is not None:
            what = Both(
                "有 calendar.csv，却没有带 code 的 [calendar]",
                "calendar.csv is there, but no [calendar] with a code",
            )
            reader.problems.add("city.toml", None, "calendar", what, Both("补上", "add it"))
        return Count()
    code = str(settings["code"])
    duty = settings.get("duty", [["08:00", "12:00"], ["14:00", "18:00"]])
    if not isinstance(duty, list) or not all(isinstance(segment, list) for segment in duty):
        what = Both("不是时段列表", "it is not a list of segments")
        remedy = Both(
            '写作 [["08:00", "12:00"], ["14:00", "18:00"]]',
            'write it like [["08:00", "12:00"], ["14:00", "18:00"]]',
        )
        reader.problems.add("city.toml", None, "duty", what, remedy)
        return Count()
    city = str(reader.city.get("name_zh", code))
    before = WorkCalendar.objects.filter(code=code).values_list("version", flat=True).first()
    try:
        calendar = save_calendar(
            actor=actor,
            code=code,
            name_zh=str(settings.get("name_zh", f"{city}工作日历")),
            name_en=str(settings.get("name_en", reader.city.get("name_en", ""))),
            zone=str(reader.city.get("zone", "Asia/Shanghai")),
            duty=duty,
            days=days,
            is_default=True,
        )
    except Problem as problem:
        reader.problems.add("city.toml", None, "calendar", *_told(problem))
        return Count()
    if before is None:
        return Count(created=1)
    return Count(unchanged=1) if before == calendar.version else Count(changed=1)


def load_organisations(reader: FolderReader, actor: Actor) -> Count:
    """Load the organisations; a parent may stand after its children in the file."""
    table = reader.table(ORGANISATIONS, ORGANISATION_COLUMNS, unique=("code",))
    count = Count()
    if table is None:
        return count
    rows = {row["code"]: row for row in table}
    if any(fault.file == table.name for fault in reader.problems.faults):
        return count
    stored = {o.code: o for o in Organisation.objects.select_related("parent")}
    for row in _parents_first(table, rows, set(stored)):
        old = stored.get(row["code"])
        names = ("name_zh", "name_en", "kind")
        if (
            old is not None
            and all(getattr(old, n) == row[n] for n in names)
            and (old.parent.code if old.parent else "") == row["parent"]
        ):
            count.unchanged += 1
            continue
        try:
            stored[row["code"]] = save_organisation(
                actor=actor,
                code=row["code"],
                parent=stored[row["parent"]] if row["parent"] else None,
                **{n: row[n] for n in names},
            )
        except Problem as problem:
            table.fault(row, "parent", *_told(problem))
            continue
        if old is None:
            count.created += 1
        else:
            count.changed += 1
    return count


def _told(problem: Problem) -> tuple[Both, Both]:
    """A refusal of an action as the mistake of a row, without the dots that end its sentences."""
    return (
        Both(problem.zh.removesuffix("。"), problem.en.removesuffix(".")),
        Both(
            problem.remedy_zh.removesuffix("。") or "改正该处",
            problem.remedy_en.removesuffix(".") or "correct it",
        ),
    )


def _parents_first(table: Table, rows: dict[str, Row], stored: set[str]) -> list[Row]:
    """The rows in an order in which every parent comes before its children; none after a fault."""
    order: list[Row] = []
    before = len(table.problems)
    state: dict[str, str] = {}
    for start in rows:
        path: list[str] = []
        code = start
        while code in rows and code not in state:
            state[code] = "open"
            path.append(code)
            code = rows[code]["parent"]
        if code in path:
            circle = " › ".join([*path[path.index(code) :], code])
            what = Both(f"上级关系成环：{circle}", f"the parents run in a circle: {circle}")
            remedy = Both("在一处断开", "break it at one place")
            table.fault(rows[code], "parent", what, remedy)
        elif code and code not in rows and code not in stored and path:
            what = Both(f"没有机构 {code}", f"there is no organisation {code}")
            remedy = Both("将其加入，或改正代码", "add it or correct the code")
            table.fault(rows[path[-1]], "parent", what, remedy)
        else:
            order += [rows[each] for each in reversed(path)]
        state.update(dict.fromkeys(path, "done"))
    return order if len(table.problems) == before else []


def load_users(reader: FolderReader, actor: Actor, encoded_password: str | None) -> Count:
    """Load the accounts. New ones get `encoded_password`; without it nobody can sign in yet."""
    table = reader.table(USERS, USER_COLUMNS, unique=("username",))
    if table is None:
        return Count()
    organisations = dict(Organisation.objects.values_list("code", "id"))
    wanted: list[User] = []
    for row in table:
        organisation = None
        if row["organisation"]:
            organisation = organisations.get(row["organisation"])
            if organisation is None:
                table.fault(row, "organisation", *no_organisation(row["organisation"]))
                continue
        wanted.append(
            User(
                username=row["username"],
                display_name=row["display_name"],
                organisation_id=organisation,
                language=row["language"],
            )
        )
    if reader.problems:
        return Count()

    new: list[User] = []

    def begin(user: User) -> None:
        if encoded_password is None:
            user.set_unusable_password()
        else:
            user.password = encoded_password
        new.append(user)

    _, count = upsert(
        wanted,
        User,
        key=["username"],
        fields=["display_name", "organisation_id", "language"],
        among=User.objects.filter(username__in=[u.username for u in wanted]),
        created=begin,
    )
    record_many(
        [
            entry(
                actor=actor,
                action="core.user.create",
                object_type="core.user",
                object_id=user.pk,
                zh=f"载入城市时新建用户 {user.username}",
                en=f"Created user {user.username} while loading the city",
                after={"username": user.username, "display_name": user.display_name},
            )
            for user in new
        ]
    )
    return count


def load_grants(reader: FolderReader, actor: Actor) -> Count:
    """Load the posts. A post that the file no longer names is not taken away."""
    table = reader.table(
        GRANTS, GRANT_COLUMNS, unique=("username", "role", "organisation", "area", "matter")
    )
    if table is None:
        return Count()
    users = dict(User.objects.values_list("username", "id"))
    organisations = dict(Organisation.objects.values_list("code", "id"))
    areas = set(Area.objects.values_list("code", flat=True))
    tokens = _matter_tokens()
    wanted: list[Grant] = []
    lines: dict[int, list[Row]] = {}
    for row in table:
        for column, known in (
            ("username", users),
            ("organisation", organisations),
            ("area", areas),
            ("matter", tokens),
        ):
            if row[column] and row[column] not in known:
                what = Both(f"没有 {row[column]}", f"{row[column]} is not known")
                table.fault(row, column, what, _GRANT_REMEDIES[column])
                break
        else:
            user = users[row["username"]]
            lines.setdefault(user, []).append(row)
            wanted.append(
                Grant(
                    user_id=user,
                    role=row["role"],
                    organisation_id=organisations.get(row["organisation"]),
                    area_code=row["area"],
                    matter_code=row["matter"],
                )
            )
    _check_axes(table, lines)
    if reader.problems:
        return Count()
    new: list[Grant] = []
    _, count = upsert(
        wanted,
        Grant,
        key=["user_id", "role", "organisation_id", "area_code", "matter_code"],
        fields=[],
        created=new.append,
    )
    names = {pk: name for name, pk in users.items()}
    record_many(
        [
            entry(
                actor=actor,
                action="core.grant.give",
                object_type="core.user",
                object_id=grant.user_id,
                zh=f"载入城市时授予 {names[grant.user_id]} 岗位 {Role(grant.role).label}",
                en=f"Gave {names[grant.user_id]} the post {Role(grant.role).label_en} "
                "while loading the city",
                after={"area": grant.area_code, "matter": grant.matter_code},
            )
            for grant in new
        ]
    )
    return count


def _matter_tokens() -> set[str]:
    editions = dict(Edition.objects.values_list("id", "code"))
    tokens: set[str] = set()
    for edition, code, sub in Matter.objects.values_list("edition_id", "code", "sub_code"):
        tokens.add(f"{editions[edition]}:{code}")
        tokens.add(f"{editions[edition]}:{code.removesuffix(sub)}")
    return tokens


def _check_axes(table: Table, lines: dict[int, list[Row]]) -> None:
    """Nobody holds posts of two axes: neither in the file nor together with what they hold."""
    held: dict[int, set[Role]] = {}
    current = Grant.objects.exclude(valid_until__lte=timezone.now())
    for user, role in current.filter(user_id__in=lines).values_list("user_id", "role"):
        held.setdefault(user, set()).add(Role(role))
    for user, rows in lines.items():
        roles = held.get(user, set())
        for row in rows:
            role = Role(row["role"])
            axis = AXIS.get(role)
            other = next((r for r in roles if AXIS.get(r) not in (None, axis)), None)
            if axis is not None and other is not None:
                what = Both(
                    f"{row['username']} 是{other.label}，不能兼任{role.label}："
                    "监督者不派遣，派遣者不处置",
                    f"{row['username']} is {other.value} and cannot also be {role.value}: "
                    "who supervises does not dispatch, who dispatches does not handle",
                )
                remedy = Both(
                    "将其中一个岗位交给他人", "give one of the two posts to another person"
                )
                table.fault(row, "role", what, remedy)
            roles.add(role)
