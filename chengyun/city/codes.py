"""The identifiers of the field, checked digit by digit.

Every check raises ValueError subclasses with what is wrong and how to mend it; nothing here
touches the database.
"""

import re
from dataclasses import dataclass

from chengyun.core.words import Both

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))


class CodeError(ValueError):
    """A code that cannot be right: what is wrong with it, and how to mend it."""

    def __init__(self, what: Both, remedy: Both) -> None:
        super().__init__(what.en)
        self.what, self.remedy = what, remedy


@dataclass(frozen=True)
class ComponentCode:
    """The parts of a component's code: 6 district + class + subclass + serial."""

    district: str
    class_code: str
    sub_code: str
    serial: str


def component_code(
    code: str, *, class_width: int, sub_width: int, serial: int = 6
) -> ComponentCode:
    """Split a component's code: 17 digits in the 2026 edition (6+2+3+6), 16 before (6+2+2+6)."""
    length = 6 + class_width + sub_width + serial
    _digits(
        code,
        length,
        Both(
            f"部件标识码（6 位区县 + {class_width} 位大类 + {sub_width} 位小类 "
            f"+ {serial} 位顺序号）",
            f"a component's code (6 district + {class_width} class + {sub_width} subclass "
            f"+ {serial} serial)",
        ),
    )
    first, second = 6 + class_width, 6 + class_width + sub_width
    return ComponentCode(code[:6], code[6:first], code[first:second], code[second:])


def matter_code(code: str, *, class_width: int, sub_width: int) -> tuple[str, str, str]:
    """Split a matter's code into district, class, subclass: 11 digits in the 2026 edition."""
    _digits(
        code,
        6 + class_width + sub_width,
        Both(
            f"事项代码（6 位区县 + {class_width} 位大类 + {sub_width} 位小类）",
            f"a matter's code (6 district + {class_width} class + {sub_width} subclass)",
        ),
    )
    return code[:6], code[6 : 6 + class_width], code[6 + class_width :]


def unit_grid_code(code: str, community: str) -> None:
    """Check a unit grid's code against its community's.

    Communities with a national 12-digit code give 15-digit grids that begin with it. Communities
    with a local code may number their grids freely.
    """
    if not is_national(community, 12):
        return
    _digits(
        code,
        15,
        Both(
            "单元网格编码（12 位社区 + 3 位顺序号）", "a unit grid's code (12 community + 3 serial)"
        ),
    )
    if not code.startswith(community):
        raise CodeError(
            Both(
                f"{code} 不以所在社区的编码 {community} 开头",
                f"{code} does not begin with its community's code {community}",
            ),
            Both(
                f"写作 {community} 加三位顺序号，或改正所属社区",
                f"write {community} and three more digits, or name the right community",
            ),
        )


_LEVEL_WIDTHS = {"city": 6, "district": 6, "street": 9, "community": 12}
LEVELS = {"city": "城市", "district": "区县", "street": "街道", "community": "社区"}


def area_code(code: str, level: str, parent: str | None) -> None:
    """Check an area's code against its level and its parent's code.

    National codes have 6 digits for city and district, 9 for a street, 12 for a community. A child
    of an area with a national code must have one itself and begin with the parent's (a district
    with the first four digits of its city). Where the city has local codes there is no rule.
    """
    if parent is None:
        return
    parent_level = {"district": "city", "street": "district", "community": "street"}.get(level)
    parent_width = _LEVEL_WIDTHS.get(parent_level or "", 0)
    if not is_national(parent, parent_width):
        return
    prefix = parent[:4] if level == "district" else parent
    _digits(code, _LEVEL_WIDTHS[level], Both(f"{LEVELS[level]}编码", f"the code of a {level}"))
    if not code.startswith(prefix):
        raise CodeError(
            Both(
                f"{code} 不以上级编码 {prefix} 开头",
                f"{code} does not begin with {prefix}, the code of its parent",
            ),
            Both("改正编码或上级", "correct the code or the parent"),
        )


def is_national(code: str, width: int) -> bool:
    """Whether a code has the national form: so many digits and nothing else."""
    return len(code) == width and code.isascii() and code.isdigit()


def organisation_code(code: str) -> None:
    """Check a unified social credit code (GB 32100) with its check digit.

    A code of another form (18 characters, the third to eighth digits) is a local one and is taken
    as it is.
    """
    if not re.fullmatch(r"[0-9A-Z]{2}[0-9]{6}[0-9A-Z]{10}", code):
        return
    for position, char in enumerate(code, start=1):
        if char not in _USCC_ALPHABET:
            raise CodeError(
                Both(
                    f"{code} 第 {position} 位是 {char!r}，GB 32100 不用此字符",
                    f"{code} has {char!r} at position {position}, which GB 32100 does not use",
                ),
                Both(
                    "改正该位：代码中不出现 I、O、S、V、Z",
                    "correct it: I, O, S, V and Z do not occur",
                ),
            )
    expected = uscc_check_character(code[:17])
    if code[17] != expected:
        raise CodeError(
            Both(
                f"{code} 的校验码应为 {expected}",
                f"the check character of {code} should be {expected}",
            ),
            Both("改正代码：其中有一位写错", "correct the code: one of its characters is wrong"),
        )


def uscc_check_character(first17: str) -> str:
    """The 18th character of a unified social credit code."""
    total = sum(_USCC_ALPHABET.index(c) * w for c, w in zip(first17, _USCC_WEIGHTS, strict=True))
    return _USCC_ALPHABET[-total % 31]


def subclass_code(code: str, *, width: int, extension_from: str) -> None:
    """Check a subclass number that a city adds to an edition it did not make itself."""
    _digits(code, width, Both("小类代码", "a subclass number"))
    if extension_from and code < extension_from:
        top = "9" * width
        raise CodeError(
            Both(
                f"代码 {code} 留给国家标准目录",
                f"the number {code} is kept for the national list",
            ),
            Both(
                f"本市自设小类用 {extension_from}–{top}，从大到小编",
                f"give the city's own subclasses the numbers {extension_from}–{top}, "
                "from the top down",
            ),
        )


def _digits(code: str, width: int, name: Both) -> None:
    if not is_national(code, width):
        seen = (
            Both(f"{len(code)} 位", f"{len(code)} characters")
            if code.isascii() and code.isdigit()
            else Both("其他字符", "other characters")
        )
        raise CodeError(
            Both(
                f"{code!r} 不是{name.zh}：须为 {width} 位数字，实为{seen.zh}",
                f"{code!r} is not {name.en}: it needs {width} digits and has {seen.en}",
            ),
            Both(f"写 {width} 位数字", f"write {width} digits"),
        )
