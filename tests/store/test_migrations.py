"""A schema that was migrated is the schema of the models, on both engines."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from refertrack.models.all import metadata
from refertrack.store import engine
from refertrack.store.target import Target


def test_the_migrations_lead_to_the_models(target: Target) -> None:
    with engine.create_engine(target, write=False).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
