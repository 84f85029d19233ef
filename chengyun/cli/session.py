"""What a command needs before it can touch data: Django, and a database that answers."""

import atexit
import getpass
import os
import sys
from typing import TYPE_CHECKING

from chengyun.config.environment import environment

if TYPE_CHECKING:
    from chengyun.core.actor import Actor

#: Commands that manage processes only; they never open the database themselves.
WITHOUT_DJANGO = frozenset({"up", "down", "status", "settings", "commands"})
#: Commands that read the code only, as first words of the command line.
WITHOUT_DATABASE = (("export", "openapi"), ("open311", "conformance"))


def open_session() -> None:
    """Set up Django; start the private database when it is down, and stop it again at the end.

    A command may run for hours (an import): the web's statement time limit does not bind it.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengyun.config.settings")
    os.environ.setdefault("CHENGYUN_STATEMENT_TIMEOUT_MS", "0")
    # Mounting the commands has read the settings already, with the web's limit in them.
    environment.cache_clear()
    code_only = tuple(sys.argv[1:3]) in WITHOUT_DATABASE
    if not environment().database_url and not code_only:
        _start_cluster()
    import django

    django.setup()


def _start_cluster() -> None:
    from chengyun.server.cluster import Cluster
    from chengyun.server.record import running

    cluster = Cluster(environment().var)
    if cluster.start():

        def put_back() -> None:
            from django.db import connections

            connections.close_all()
            if running(environment().var) is None:
                cluster.stop()

        atexit.register(put_back)


def command_actor() -> "Actor":
    """The actor of what is done from the command line: the system, named with the OS user."""
    from chengyun.core.actor import Actor

    return Actor.system(f"cli:{getpass.getuser()}")


def wants_help() -> bool:
    """Whether this call only asks for help: it must be fast and need no database."""
    return bool({"--help", "--install-completion", "--show-completion"} & set(sys.argv))
