"""The databases that are measured: made beside the configured one, kept for the next run."""

import os
import time
from hashlib import sha256
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

WORLD = Path(__file__).with_name("world.py")


def own_database(name: str, *, fresh: bool = False, world: str | None = None) -> bool:
    """Make the database ``name`` on the configured server unless it is there and of this ``world``
    (its comment; None: of any), and point the settings at it. True when an earlier run left it.
    Must run before Django is set up."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengyun.config.settings")
    os.environ["CHENGYUN_STATEMENT_TIMEOUT_MS"] = "0"
    for limit in ("USER", "MACHINE", "REPORTS", "ANONYMOUS"):
        os.environ[f"CHENGYUN_RATE_{limit}"] = "1000000"
    from chengyun.config.environment import environment

    keeper, platform = _keeper(), environment().database
    user = conninfo_to_dict(platform).get("user")
    owner = sql.Identifier(str(user)) if user else sql.SQL("CURRENT_USER")
    named = sql.Identifier(name)
    with psycopg.connect(keeper, autocommit=True) as connection:
        known = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [name],
        ).fetchone()
        kept = not fresh and known is not None and world in (None, known[0])
        if not kept:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(named))
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(named, owner))
    environment.cache_clear()
    os.environ["DATABASE_URL"] = make_conninfo(platform, dbname=name)
    import django

    django.setup()
    return kept


def drop_database(name: str) -> None:
    """Take away a database that nobody goes on with; its owner may."""
    from django.db import connections

    connections.close_all()
    owner = make_conninfo(os.environ["DATABASE_URL"], dbname="postgres")
    with psycopg.connect(owner, autocommit=True) as connection:
        dropped = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        connection.execute(dropped.format(sql.Identifier(name)))


def _keeper() -> str:
    """The address of who makes databases: on the private cluster, which is started, its superuser;
    on a given server the role that was given."""
    from chengyun.config.environment import environment
    from chengyun.server.cluster import Cluster

    if environment().database_url:
        return environment().database
    cluster = Cluster(environment().var)
    cluster.start()
    return cluster.places.superuser_url


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
    if own_database(name, fresh=fresh, world=wanted):
        migrate()
        print(f"  {name}: {wanted}, from an earlier run")
        return
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
