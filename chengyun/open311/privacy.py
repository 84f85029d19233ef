"""What people write about themselves must not go out with the problem they report."""

import re

# Written numbers that name a person: mobile and landline phones, identity cards, mail addresses.
_PERSONAL = re.compile(
    r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)"
    r"|(?<!\d)0\d{2,3}[- ]\d{7,8}(?!\d)"
    r"|(?<!\d)\d{17}[\dXx](?![\dXx])"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    re.ASCII,
)


def public_text(text: str) -> str:
    """The text with phone numbers, identity numbers and mail addresses blanked."""
    return _PERSONAL.sub("***", text)
