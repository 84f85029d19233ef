"""Which form of a body a caller takes, from Accept-Encoding (RFC 9110, 12.5.3)."""

import pytest

from chengyun.core.native import packings_in


@pytest.mark.parametrize(
    ("accepted", "taken"),
    [
        ("", {"identity"}),
        ("gzip", {"gzip", "identity"}),
        ("gzip, deflate, br, zstd", {"br", "gzip", "identity"}),
        ("GZIP;Q=0.5", {"gzip", "identity"}),
        ("gzip;q=0", {"identity"}),
        ("gzip;q=0.000, br", {"br", "identity"}),
        ("gzip ; q=0 , br ; q=0.001", {"br", "identity"}),
        ("identity;q=0", set()),
        ("identity;q=0, gzip", {"gzip"}),
        ("*", {"br", "gzip", "identity"}),
        ("*;q=0", set()),
        ("br, *;q=0", {"br"}),
        ("identity, *;q=0", {"identity"}),
        ("gzip;q=0, *", {"br", "identity"}),
        ("identity;q=0, *;q=0.3", {"br", "gzip"}),
        ("x-gzip-like, gzipped", {"identity"}),
        (";;,,=", {"identity"}),
    ],
)
def test_what_is_refused_is_not_taken(accepted: str, taken: set[str]) -> None:
    assert packings_in(accepted) == taken
