"""A schema that was migrated is the schema of the models, on both engines."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from refertrack.models.all import metadata
from refertrack.store import engine
from refertrack.store.target import Target


def test_indexes_over_some_rows_have_the_models_conditions(target: Target) -> None:
    wanted = {
        index.name: "".join(character for character in index.info["where"] if character.isalnum())
        for table in metadata.tables.values()
        for index in table.indexes
        if "where" in index.info
    }
    with engine.create_engine(target, write=False).connect() as connection:
        inspector = inspect(connection)
        found = {
            index["name"]: str(next(iter(index["dialect_options"].values())))
            for table in metadata.tables
            for index in inspector.get_indexes(table)
            if any(option.endswith("_where") for option in index.get("dialect_options", {}))
        }
    assert found.keys() == wanted.keys()
    for name, condition in found.items():
        if target.is_sqlite:
            assert "".join(character for character in condition if character.isalnum()) == wanted[name]


def test_the_migrations_lead_to_the_models(target: Target) -> None:
    with engine.create_engine(target, write=False).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_no_migration_lets_sqlite_use_an_id_twice(sqlite_target: Target) -> None:
    with engine.create_engine(sqlite_target, write=False).connect() as connection:
        made = dict(connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'table'").all())
    assert [name for name in metadata.tables if "AUTOINCREMENT" not in made[name]] == []
