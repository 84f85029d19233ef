"""What a newcomer is told: who to sign in as and what to try; in an empty city what comes first."""

from collections.abc import Iterator

import psycopg

from chengyun.config.environment import Environment

#: Accounts of the simulated city and what each is there to show.
POSTS = (
    ("collector", "采集员", "Collector", "reports from the street, verifies, checks on site"),
    ("acceptor", "受理员", "Acceptor", "takes calls, accepts and files reports"),
    ("shift_leader", "值班长", "Shift leader", "files and closes cases"),
    ("dispatcher", "派遣员", "Dispatcher", "sends cases to departments, decides on extensions"),
    ("department", "专业部门", "Department", "handles what it was given"),
    ("handler", "处置人员", "Handler", "does the work on site"),
    ("evaluator", "评价员", "Evaluator", "weights, grades, appeals"),
    ("leader", "领导", "Leader", "sees everything, supervises and urges"),
    ("data_manager", "数据管理员", "Data manager", "components, surveys, layers"),
    ("admin", "系统管理员", "Administrator", "people, posts, settings"),
)


def accounts(settings: Environment, url: str) -> Iterator[str]:
    """The lines that tell a newcomer who to sign in as and what to try."""
    yield f"\n  Accounts (password {settings.demo_password.get_secret_value()!r} for all):"
    for name, zh, en, does in POSTS:
        post = f"{zh} {en}" if settings.language == "zh" else f"{en} {zh}"
        yield f"    {name:<13} {post}: {does}"
    yield "\n  Try:"
    yield f"    .venv/bin/python examples/walk_a_case.py {url}"
    yield f"    curl {url}/open311/v2/services.json"
    yield f"    sign in at {url}/accounts/login/ and open {url}/api/docs"
    yield "    chengyun simulate day      another working day"
    yield "    chengyun doctor            is everything in order?\n"


def first_steps(settings: Environment) -> Iterator[str]:
    """The lines that tell how a city without areas or accounts comes to them; none otherwise."""
    with psycopg.connect(settings.database) as database:
        empty, nobody = database.execute(
            "SELECT NOT EXISTS (SELECT FROM city_area), NOT EXISTS (SELECT FROM core_user)"
        ).fetchone() or (False, False)
    if empty:
        yield "\n  No city yet. `chengyun load FOLDER` takes its areas, departments, classes,"
        yield "  people; `chengyun simulate city FOLDER` makes one up to start from."
    if nobody:
        yield "  There is no account yet: `chengyun users create NAME`."
