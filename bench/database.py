"""The databases that are measured: made beside the configured one, kept for the next run."""

import os
import time
from hashlib import sha256
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

WORLD = Path(__file__).with_name("world.py")


def own_database(name: str, *, fresh: bool = False) -> str:
    """Make the database ``name`` on the configured server unless it is there, point the settings
    at it, and return what it says about itself. Must run before Django is set up."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengyun.config.settings")
    os.environ["CHENGYUN_STATEMENT_TIMEOUT_MS"] = "0"
    for limit in ("USER", "MACHINE", "REPORTS", "ANONYMOUS"):
        os.environ[f"CHENGYUN_RATE_{limit}"] = "1000000"
    from chengyun.config.environment import environment

    if not environment().database_url:
        from chengyun.server.cluster import Cluster

        Cluster(environment().var).start()
    admin = environment().database
    with psycopg.connect(admin, autocommit=True) as connection:
        if fresh:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        known = connection.execute(
            "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database "
            "WHERE datname = %s",
            [name],
        ).fetchone()
        if known is None:
            connection.execute(f"CREATE DATABASE {name}")
    environment.cache_clear()
    os.environ["DATABASE_URL"] = make_conninfo(admin, dbname=name)
    import django

    django.setup()
    return str(known[0]) if known else ""


def migrate() -> None:
    """The schema, and the extensions where the template has none."""
    from django.core.management import call_command
    from django.db import connection

    with connection.cursor() as cursor:
        for extension in ("postgis", "pg_trgm", "btree_gist"):
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    call_command("migrate", verbosity=0)


def prepare(name: str, cases: int, *, fresh: bool) -> None:
    """A database with so many cases, made now, or left by an earlier run and migrated."""
    wanted = f"{cases} cases, world {sha256(WORLD.read_bytes()).hexdigest()[:12]}"
    if own_database(name, fresh=fresh) == wanted:
        migrate()
        print(f"  {name}: {wanted}, from an earlier run")
        return
    if not fresh:
        own_database_again(name)
    from django.db import connection, transaction

    from bench import world

    start = time.perf_counter()
    migrate()
    with transaction.atomic(), connection.cursor() as cursor:
        world.build(cursor, cases)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute(f"COMMENT ON DATABASE {name} IS '{wanted}'")
    print(f"  {name}: {wanted}, made in {time.perf_counter() - start:.0f} s")


def own_database_again(name: str) -> None:
    """What is there is another world: begin anew."""
    from django.db import connection

    connection.close()
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(make_conninfo(url, dbname="postgres"), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name}")
