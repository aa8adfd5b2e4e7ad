"""What every table has in common."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, MetaData
from sqlmodel import Field, SQLModel

# Every constraint has a name, since a migration on SQLite loses those that have none.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(SQLModel):
    """A row with an id that no other row ever gets again, even after a delete."""

    metadata = MetaData(naming_convention=NAMING)
    model_config = {"defer_build": True}  # rows are made without pydantic's validators: never built

    id: int | None = Field(default=None, primary_key=True)
    created_at: datetime = Field(default=None, nullable=False)  # the journal fills it from the one clock

    @property
    def key(self) -> int:
        """The id of a row that has been stored.

        Raises:
            ValueError: the row was never stored, which is a mistake of the program.

        """
        if self.id is None:
            raise ValueError(f"{type(self).__name__} has not been stored yet")
        return self.id


class Editable(Base):
    """A row that people edit: it counts its versions, so that nobody overwrites what they have not seen."""

    updated_at: datetime | None = None
    version: int = 1


def one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    """A constraint that keeps a column to the words of an enum."""
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def link(table: str, *, index: bool = True, nullable: bool = False) -> Column[int]:
    """A column that names a row of another table; that row cannot go while this one stands."""
    return Column(Integer, ForeignKey(f"{table}.id"), index=index, nullable=nullable)


def money(*, nullable: bool = True) -> Column[int]:
    """A column for an amount in minor units of a currency."""
    return Column(BigInteger, nullable=nullable)


def open_index(name: str, *columns: str, where: str) -> Index:
    """An index over the rows that meet a condition.

    The condition is told to the engines in ``models.all``, since naming one here would load both of them.
    """
    return Index(name, *columns, info={"where": where})


def table_args(*items: object) -> tuple[object, ...]:
    """Constraints of a table, and the promise that SQLite uses no id twice."""
    return (*items, {"sqlite_autoincrement": True})
