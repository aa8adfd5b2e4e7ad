"""Every table, for those who need them all: migrations, checks, exports."""

from sqlalchemy import text

from refertrack.models import customers, follow_ups, journal, listening, referrals, sales
from refertrack.models.base import Base, Editable

__all__ = ["MODELS", "customers", "follow_ups", "journal", "listening", "metadata", "referrals", "sales"]

metadata = Base.metadata

for table in metadata.tables.values():
    for index in table.indexes:
        if "where" in index.info:
            for engine in ("sqlite", "postgresql"):
                index.dialect_options[engine]["where"] = text(index.info["where"])

MODELS = {
    str(model.__tablename__): model
    for model in (*Base.__subclasses__(), *Editable.__subclasses__())
    if hasattr(model, "__table__")
}
