"""Bring a database to this program's form: migrations run whole or not at all, views are made anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from refertrack.rules.errors import StoreTrouble
from refertrack.store import engine as engines
from refertrack.store.schema import APPLICATION_ID, HEAD
from refertrack.store.target import Target
from refertrack.store.views import create_statements, drop_statements


def upgrade(target: Target, revision: str = HEAD, about_to_keep: Callable[[], None] = lambda: None) -> None:
    """Migrate a database to a revision (the newest, if none is given) in one transaction.

    ``about_to_keep`` is called before it is committed.

    Raises:
        StoreTrouble: the database cannot be used, or its rows break a link after the migration.

    """
    with engines.plain_errors(target):
        engine = engines.create_engine(target)
        with engine.connect() as connection:
            if target.is_sqlite:
                # Ignored inside a transaction, so it goes to the driver before BEGIN IMMEDIATE.
                _driver(connection).execute("PRAGMA foreign_keys=OFF")
            with connection.begin():
                _migrate(connection, revision, sqlite=target.is_sqlite)
                about_to_keep()


def _driver(connection: Connection) -> Any:
    return connection.connection.dbapi_connection


def _migrate(connection: Connection, revision: str, *, sqlite: bool) -> None:
    for statement in drop_statements():
        connection.execute(text(statement))
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    if sqlite:
        connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchone()
        if broken is not None:
            raise StoreTrouble(
                f"The migration to {revision} would break a link of table {broken[0]}.",
                "Nothing was changed. See: refertrack check",
            )
    if revision == HEAD:
        for statement in create_statements():
            connection.execute(text(statement))
