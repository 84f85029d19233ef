"""Bringing the tables up to date, once, however many machines start at the same time."""

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

#: Any fixed number: the name of the lock that only one migrating process holds.
LOCK = 0x6368656E67


def waiting() -> list[str]:
    """Migrations that are in the code and not in the database, as ``app.name``."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrate() -> list[str]:
    """Apply what waits; return what was applied."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            applied = waiting()
            if applied:
                call_command("migrate", interactive=False, verbosity=0)
            return applied
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
