"""COPY of batches: rows are complete before the connection is given over to COPY."""

from collections.abc import Iterator

import pytest
from django.db import connection
from psycopg.pq import TransactionStatus

from chengyun.core.models import WorkCalendar
from chengyun.governance.intake.copying import CopyPlan

pytestmark = pytest.mark.django_db


def test_a_row_may_ask_the_database_while_it_is_made() -> None:
    plan = CopyPlan(WorkCalendar, ["id", "code", "name_zh", "duty"])

    def rows() -> Iterator[tuple[str, ...]]:
        for number in (1, 2):
            # In the middle of COPY the next query would wait for ever.
            assert connection.connection.info.transaction_status != TransactionStatus.ACTIVE
            with connection.cursor() as cursor:
                cursor.execute("SELECT 900000 + %s", [number])
                yield str(cursor.fetchone()[0]), f"copied-{number}", "日历", "[]"

    plan.copy(rows())
    assert WorkCalendar.objects.filter(code__startswith="copied-").count() == 2
