"""What a newcomer is told: who to sign in as and what to try; in an empty city what comes first."""

from collections.abc import Iterator

import psycopg

from chengyun.config.environment import Environment
from chengyun.config.language import said
from chengyun.core.words import Both

#: Accounts of the simulated city and what each is there to show.
POSTS = (
    ("collector", Both("采集员：街面上报、核实、核查",
                       "Collector: reports from the street, verifies, checks on site")),
    ("acceptor", Both("受理员：接听、受理、立案",
                      "Acceptor: takes calls, accepts and files reports")),
    ("shift_leader", Both("值班长：立案、结案", "Shift leader: files and closes cases")),
    ("dispatcher", Both("派遣员：向专业部门派遣，审批延期",
                        "Dispatcher: sends cases to departments, decides on extensions")),
    ("department", Both("专业部门：处置派来的案件", "Department: handles what it was given")),
    ("handler", Both("处置人员：现场处置", "Handler: does the work on site")),
    ("evaluator", Both("考核员：权重、等级、申诉", "Evaluator: weights, grades, appeals")),
    ("leader", Both("领导：总览全局，督办、催办", "Leader: sees everything, supervises and urges")),
    ("data_manager", Both("数据管理员：部件、普查、图层",
                          "Data manager: components, surveys, layers")),
    ("admin", Both("系统管理员：人员、岗位、设置", "Administrator: people, posts, settings")),
)  # fmt: skip


def accounts(settings: Environment, url: str) -> Iterator[str]:
    """The lines that tell a newcomer who to sign in as and what to try."""
    password = settings.demo_password.get_secret_value()
    yield said(
        f"\n  账号（密码均为 {password!r}）：", f"\n  Accounts (password {password!r} for all):"
    )
    for name, words in POSTS:
        yield f"    {name:<13} {said(*words)}"
    yield said("\n  试一试：", "\n  Try:")
    yield f"    .venv/bin/python examples/walk_a_case.py {url}"
    yield f"    curl {url}/open311/v2/services.json"
    yield said(
        f"    在 {url}/accounts/login/ 登录，打开 {url}/api/docs",
        f"    sign in at {url}/accounts/login/ and open {url}/api/docs",
    )
    another = said("再推演一个工作日", "another working day")
    yield f"    chengyun simulate day      {another}"
    in_order = said("一切是否正常", "is everything in order?")
    yield f"    chengyun doctor            {in_order}\n"


def first_steps(settings: Environment) -> Iterator[str]:
    """The lines that tell how a city without areas or accounts comes to them; none otherwise."""
    with psycopg.connect(settings.database) as database:
        empty, nobody = database.execute(
            "SELECT NOT EXISTS (SELECT FROM city_area), NOT EXISTS (SELECT FROM core_user)"
        ).fetchone() or (False, False)
    if empty:
        yield said(
            "\n  尚无城市。`chengyun load 文件夹` 载入其区域、部门、类别与人员；\n"
            "  `chengyun simulate city 文件夹` 可先生成一座演示城市。",
            "\n  No city yet. `chengyun load FOLDER` takes its areas, departments, classes,\n"
            "  people; `chengyun simulate city FOLDER` makes one up to start from.",
        )
    if nobody:
        yield said(
            "  尚无账号：`chengyun users create 用户名`。",
            "  There is no account yet: `chengyun users create NAME`.",
        )
