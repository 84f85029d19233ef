"""Encryption of personal data at rest, with keys that can be rotated.

Keys are `CHENGYUN_SECRET_KEYS`, newest first: the first one encrypts, all of them decrypt.
`chengyun keys rotate` writes everything anew with the first one.
"""

import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class UndecipherableError(Exception):
    """None of the configured keys opens the value: a key was removed before `keys rotate`."""


def encrypt(text: str) -> bytes:
    return _fernet(_keys()).encrypt(text.encode())


def decrypt(value: bytes | memoryview) -> str:
    """The text of `encrypt`; raises `UndecipherableError`."""
    try:
        return _fernet(_keys()).decrypt(bytes(value)).decode()
    except InvalidToken as error:
        raise UndecipherableError("no key of CHENGYUN_SECRET_KEYS opens this value") from error


def rotate(value: bytes | memoryview) -> bytes:
    """The same text under the newest key."""
    try:
        return _fernet(_keys()).rotate(bytes(value))
    except InvalidToken as error:
        raise UndecipherableError("no key of CHENGYUN_SECRET_KEYS opens this value") from error


def keyed_digest(text: str) -> bytes:
    """A hash that finds equal values again but cannot be tried out without the key."""
    return _digest(_keys()[0], text)


def keyed_digests(text: str) -> list[bytes]:
    """The hash under every key, to search while a rotation is under way."""
    return [_digest(key, text) for key in _keys()]


def new_key() -> str:
    return Fernet.generate_key().decode()


def _digest(key: str, text: str) -> bytes:
    # Its own purpose, so its own key: never the encryption key itself.
    derived = hashlib.sha256(b"chengyun digest\0" + key.encode()).digest()
    return hmac.new(derived, text.encode(), hashlib.sha256).digest()


def _keys() -> tuple[str, ...]:
    keys = tuple(key.get_secret_value() for key in settings.CHENGYUN.secret_keys)
    if not keys:
        raise RuntimeError("CHENGYUN_SECRET_KEYS is empty: set at least one Fernet key")
    return keys


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
