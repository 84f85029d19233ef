"""Chinese public holidays and make-up working days.

2024 to 2026 as the State Council's office announced them (each in the November before); 2027 is
provisional: the statutory days and the usual weeks round them, before any announcement.
"""

from collections.abc import Iterator
from datetime import date, timedelta

_PROVISIONAL = "（暂定）"

# (name, first day, last day, make-up working days)
_ANNOUNCED: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("元旦", "2024-01-01", "2024-01-01", ()),
    ("春节", "2024-02-10", "2024-02-17", ("2024-02-04", "2024-02-18")),
    ("清明节", "2024-04-04", "2024-04-06", ("2024-04-07",)),
    ("劳动节", "2024-05-01", "2024-05-05", ("2024-04-28", "2024-05-11")),
    ("端午节", "2024-06-10", "2024-06-10", ()),
    ("中秋节", "2024-09-15", "2024-09-17", ("2024-09-14",)),
    ("国庆节", "2024-10-01", "2024-10-07", ("2024-09-29", "2024-10-12")),
    ("元旦", "2025-01-01", "2025-01-01", ()),
    ("春节", "2025-01-28", "2025-02-04", ("2025-01-26", "2025-02-08")),
    ("清明节", "2025-04-04", "2025-04-06", ()),
    ("劳动节", "2025-05-01", "2025-05-05", ("2025-04-27",)),
    ("端午节", "2025-05-31", "2025-06-02", ()),
    ("国庆节、中秋节", "2025-10-01", "2025-10-08", ("2025-09-28", "2025-10-11")),
    ("元旦", "2026-01-01", "2026-01-03", ("2026-01-04",)),
    ("春节", "2026-02-15", "2026-02-23", ("2026-02-14", "2026-02-28")),
    ("清明节", "2026-04-04", "2026-04-06", ()),
    ("劳动节", "2026-05-01", "2026-05-05", ("2026-05-09",)),
    ("端午节", "2026-06-19", "2026-06-21", ()),
    ("中秋节", "2026-09-25", "2026-09-27", ()),
    ("国庆节", "2026-10-01", "2026-10-07", ("2026-09-20", "2026-10-10")),
)
_EXPECTED: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("元旦", "2027-01-01", "2027-01-03", ()),
    ("春节", "2027-02-05", "2027-02-12", ("2027-01-31", "2027-02-14")),
    ("清明节", "2027-04-03", "2027-04-05", ()),
    ("劳动节", "2027-05-01", "2027-05-05", ("2027-04-25", "2027-05-08")),
    ("端午节", "2027-06-09", "2027-06-09", ()),
    ("中秋节", "2027-09-15", "2027-09-15", ()),
    ("国庆节", "2027-10-01", "2027-10-07", ("2027-09-26", "2027-10-09")),
)


def calendar_rows() -> Iterator[dict[str, str]]:
    """Rows of `calendar.csv`: the days that differ from a plain week."""
    for periods, suffix in ((_ANNOUNCED, ""), (_EXPECTED, _PROVISIONAL)):
        for name, first, last, make_up in periods:
            day, end = date.fromisoformat(first), date.fromisoformat(last)
            while day <= end:
                yield {"day": day.isoformat(), "kind": "holiday", "name": name + suffix}
                day += timedelta(days=1)
            for extra in make_up:
                yield {"day": extra, "kind": "workday", "name": f"{name}调休上班{suffix}"}
