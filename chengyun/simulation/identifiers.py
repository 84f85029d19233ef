"""Codes with check digits and fixed layouts, made and checked."""

import re

from chengyun.simulation.scale import chance

_ORG_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
# GB 32100 leaves out I, O, S, V and Z.
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def organisation_check(body: str) -> str:
    """Check character of an organisation code of eight characters (GB 11714)."""
    total = sum(_ORG_ALPHABET.index(c) * w for c, w in zip(body, _ORG_WEIGHTS, strict=True))
    check = 11 - total % 11
    return "X" if check == 10 else "0" if check == 11 else str(check)


def credit_check(first_17: str) -> str:
    """Check character of a unified social credit code (GB 32100)."""
    total = sum(_CREDIT_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(first_17))
    return _CREDIT_ALPHABET[(31 - total % 31) % 31]


def credit_code(kind: str, district: str, key: str) -> str:
    """A synthetic unified social credit code (18 characters) with right check digits.

    `kind` is its first two characters: 11 government body, 12 public institution, 91 company.
    The body begins with CY, which marks it as made up; `key` decides the rest.
    """
    body = f"CY{chance(0, 'credit', kind, district, key).randrange(1_000_000):06d}"
    first_17 = f"{kind}{district}{body}{organisation_check(body)}"
    return first_17 + credit_check(first_17)


def is_credit_code(code: str) -> bool:
    """Whether a text is a unified social credit code with right check characters."""
    if not re.fullmatch(r"[0-9A-HJ-NPQRTUWXY]{18}", code):
        return False
    return credit_check(code[:17]) == code[17] and organisation_check(code[8:16]) == code[16]


def component_code(district: str, class_code: str, sub_code: str, serial: int) -> str:
    """A component id of 17 digits: 6 district + 2 class + 3 subclass + 6 serial (GB/T 47678.5)."""
    if not 1 <= serial <= 999_999:
        raise ValueError(f"serial {serial} does not fit six digits")
    return f"{district}{class_code}{sub_code}{serial:06d}"
