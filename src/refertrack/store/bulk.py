"""Many rows at once: through the driver, past the session, with one entry of the journal a table.

Ids are taken beforehand, so that rows of several tables can point at each other before any is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, repeat
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, literal, select, text
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, SQLModel

from refertrack.models.base import Editable
from refertrack.store import journal

BATCH = 10_000
IN_LIST = 500


def table_of(model: type[SQLModel]) -> Table:
    """Return the table of a model."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


def allocate(session: Session, model: type[SQLModel], count: int) -> range:
    """Take a run of ids for rows to come; the transaction's lock keeps them ours."""
    if count == 0:
        return range(0)
    session.flush()
    connection = session.connection()
    name = table_of(model).name
    taken: dict[str, int] = session.info.setdefault("allocated", {})
    if connection.dialect.name == "sqlite":
        last = connection.execute(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": name}).scalar()
        first = max(int(last or 0), taken.get(name, 0)) + 1
        taken[name] = first + count - 1
        return range(first, first + count)
    # In one step past the lot: the writers' lock keeps everybody else away from the sequence.
    last = connection.execute(
        text(
            "SELECT setval(pg_get_serial_sequence(:name, 'id'), nextval(pg_get_serial_sequence(:name, 'id')) + :more)"
        ),
        {"name": name, "more": count - 1},
    ).scalar_one()
    return range(int(last) - count + 1, int(last) + 1)


def insert(
    session: Session,
    model: type[SQLModel],
    rows: Sequence[Mapping[str, Any]],
    *,
    same: Mapping[str, Any] | None = None,
) -> None:
    """Insert rows that carry their ids (see ``allocate``); all have the same keys, the rest are defaults.

    ``same`` holds what all rows have in common.

    Values are written as they are: validate and normalise them before.
    """
    if not rows:
        return
    names = tuple(rows[0])
    insert_tuples(session, model, names, [tuple(row.values()) for row in rows], same=same)


def insert_tuples(
    session: Session,
    model: type[SQLModel],
    names: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    *,
    same: Mapping[str, Any] | None = None,
) -> None:
    """Insert rows whose values stand in the order of ``names``, ``id`` among them; see ``insert``.

    The statement goes to the driver as it is: for a million rows what SQLAlchemy does to each parameter costs
    more than the database's own work.
    """
    if not rows:
        return
    session.flush()
    table = table_of(model)
    connection = session.connection()
    common = {**_defaults(model, set(names)), **(same or {}), "created_at": journal.context_of(session).now}
    fixed = [_processed(connection, table, name, value) for name, value in common.items()]
    ready = _ready(connection, table, names)
    for batch in batches(rows, BATCH):
        columns = [*ready(batch), *(repeat(value, len(batch)) for value in fixed)]
        _hand_over(connection, table.name, (*names, *common), columns)
    place = names.index("id")
    _record_inserted(session, table, sorted(row[place] for row in rows))


def insert_alike(
    session: Session,
    model: type[SQLModel],
    column: str,
    pairs: Sequence[tuple[int, int]],
    kinds: Sequence[Mapping[str, Any]],
) -> None:
    """Insert rows of a few kinds, which beside their id differ in one column alone.

    The database copies what the rows of a kind share, which is twice as fast as to hand over each row whole.

    Args:
        session: the session.
        model: what is inserted.
        column: where a row's own number goes.
        pairs: for each row its own number and the place of its kind in ``kinds``.
        kinds: the other columns' values; all have the same keys.

    """
    if not pairs:
        return
    ids = allocate(session, model, len(pairs))
    if len(pairs) < 4 * len(kinds):
        rows = [{"id": number, column: own, **kinds[kind]} for number, (own, kind) in zip(ids, pairs, strict=True)]
        insert(session, model, rows)
        return
    table = table_of(model)
    connection = session.connection()
    full = {**_defaults(model, {column, *kinds[0]}), "created_at": journal.context_of(session).now}
    names = ("id", *full, *kinds[0])
    told = [(number, *full.values(), *kind.values()) for number, kind in enumerate(kinds)]
    connection.exec_driver_sql("CREATE TEMPORARY TABLE alike (id INTEGER PRIMARY KEY, own INTEGER, kind INTEGER)")
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE alike_kind AS SELECT * FROM {table.name} WHERE 1 = 0")  # noqa: S608
    _hand_over(connection, "alike", ("id", "own", "kind"), (ids, *zip(*pairs, strict=True)))
    _hand_over(connection, "alike_kind", names, _ready(connection, table, names)(told))
    connection.exec_driver_sql(
        f"INSERT INTO {table.name} (id, {column}, {', '.join(names[1:])}) "  # noqa: S608
        f"SELECT alike.id, alike.own, {', '.join(f'alike_kind.{name}' for name in names[1:])} "
        "FROM alike CROSS JOIN alike_kind WHERE alike_kind.id = alike.kind ORDER BY alike.id"
    )
    connection.exec_driver_sql("DROP TABLE alike")
    connection.exec_driver_sql("DROP TABLE alike_kind")
    _record_inserted(session, table, ids)


def insert_from(
    session: Session, model: type[SQLModel], ids: range, values: Mapping[str, Any], source: Table, sources: range
) -> None:
    """Insert a row beside each of a run of rows of another table, within the database.

    Args:
        session: the session.
        model: what is inserted.
        ids: taken beforehand (see ``allocate``), as many as ``sources`` and in their order.
        values: for each column an expression over ``source``, or a constant.
        source: the table of the rows that are there.
        sources: their ids.

    """
    if not ids:
        return
    session.flush()
    table = table_of(model)
    full = {**_defaults(model, set(values)), **values, "created_at": journal.context_of(session).now}
    chosen = [literal(value, table.c[name].type) if not isinstance(value, ColumnElement) else value
              for name, value in full.items()]  # fmt: skip
    query = select((source.c.id + (ids[0] - sources[0])).label("id"), *chosen).where(
        source.c.id.between(sources[0], sources[-1])
    )
    session.connection().execute(table.insert().from_select(["id", *full], query))
    _record_inserted(session, table, ids)


def _hand_over(connection: Connection, table: str, names: Sequence[str], columns: Iterable[Iterable[Any]]) -> None:
    """Give rows to the driver, column by column; a column without a value in any row is not handed over at all."""
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    marks, told = [], []
    for column in columns:
        blank = _blank(column)
        marks.append(blank or mark)
        if not blank:
            told.append(column)
    sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(marks)})"  # noqa: S608
    connection.exec_driver_sql(sql, list(zip(*told, strict=True)))


def _blank(column: Iterable[Any]) -> str:
    """Return what stands for a column's value in SQL where all are "", or all are None; else ""."""
    if not isinstance(column, tuple):
        return ""
    if column[0] == "" and column.count("") == len(column):
        return "''"
    return "NULL" if column[0] is None and column.count(None) == len(column) else ""


def _record_inserted(session: Session, table: Table, ids: Sequence[int]) -> None:
    journal.record(session, [{"table_name": table.name, "row_id": ids[0], "row_ids": ranges(ids), "verb": "insert"}])


def _processed(connection: Connection, table: Table, name: str, value: Any) -> Any:
    processor = _processor(connection, table, name)
    return processor(value) if processor else value


def _processor(connection: Connection, table: Table, name: str) -> Callable[[Any], Any] | None:
    """Return what turns a value into the driver's own kind; text and numbers are that already."""
    kind = table.c[name].type
    found: Callable[[Any], Any] | None = kind.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    return found


def _ready(
    connection: Connection, table: Table, names: Sequence[str]
) -> Callable[[Sequence[Sequence[Any]]], list[Iterable[Any]]]:
    """Return what turns rows into columns of the driver's own kinds of values."""
    processors = [_processor(connection, table, name) for name in names]
    ready: dict[Any, Any] = {None: None}  # days come again and again

    def prepare(rows: Sequence[Sequence[Any]]) -> list[Iterable[Any]]:
        columns: list[Iterable[Any]] = []
        for column, processor in zip(zip(*rows, strict=True), processors, strict=True):
            if processor is None:
                columns.append(column)
                continue
            ready.update((value, processor(value)) for value in {*column} if value not in ready)
            columns.append([ready[value] for value in column])
        return columns

    return prepare


def update(session: Session, model: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Update rows by ``id``; all have the same keys. The journal keeps each row as it was."""
    if not rows:
        return
    session.flush()
    table = table_of(model)
    names = [name for name in rows[0] if name != "id"]
    connection = session.connection()
    before = {
        row["id"]: dict(row)
        for ids in batches([row["id"] for row in rows], IN_LIST)
        for row in connection.execute(
            select(table.c.id, *(table.c[name] for name in names)).where(table.c.id.in_(ids))
        ).mappings()
    }
    entries, written = [], []
    for row in rows:
        old = before[row["id"]]
        changed = [name for name in names if old[name] != row[name]]
        if changed:
            written.append(row)
            entries.append(
                {
                    "table_name": table.name,
                    "row_id": row["id"],
                    "verb": "update",
                    "before": journal.as_json({name: old[name] for name in changed}),
                    "after": journal.as_json({name: row[name] for name in changed}),
                }
            )
    _write(session, table, written, names)
    journal.record(session, entries)
    _tell_loaded(session, model, written, names)


def delete(session: Session, model: type[SQLModel], ids: Sequence[int]) -> None:
    """Delete rows by id; the journal keeps them, so that they can be put back."""
    session.flush()
    table = table_of(model)
    connection = session.connection()
    for some in in_lists(sorted(ids, reverse=True)):
        query = select(table).where(table.c.id.in_(some)).order_by(table.c.id.desc())
        rows = [dict(row) for row in connection.execute(query).mappings()]
        connection.execute(table.delete().where(table.c.id.in_(some)))
        entry = {"table_name": table.name, "verb": "delete"}
        journal.record(session, [{**entry, "row_id": row["id"], "before": journal.as_json(row)} for row in rows])
        for row in rows:
            loaded = session.identity_map.get(session.identity_key(model, (row["id"],)))
            if loaded is not None:
                session.expunge(loaded)


def _write(session: Session, table: Table, rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> None:
    counting = journal.touch(table, journal.context_of(session).now)
    statement = table.update().where(table.c.id == bindparam("key_"))
    statement = statement.values({**counting, **{name: bindparam(name) for name in names}})
    for batch in batches(rows, BATCH):
        values = [{"key_": row["id"], **{name: row[name] for name in names}} for row in batch]
        session.connection().execute(statement, values)


def _tell_loaded(
    session: Session, model: type[SQLModel], rows: Sequence[Mapping[str, Any]], names: Sequence[str]
) -> None:
    """Give rows that the session has loaded their new values, since it has not seen them change."""
    for row in rows:
        loaded = session.identity_map.get(session.identity_key(model, (row["id"],)))
        if loaded is None:
            continue
        for name in names:
            set_committed_value(loaded, name, row[name])
        if isinstance(loaded, Editable):
            set_committed_value(loaded, "version", loaded.version + 1)


def in_lists(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Cut values into lists short enough for an IN of either engine."""
    return batches(values, IN_LIST)


def batches(values: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Cut values into lists of at most ``size``."""
    iterator = iter(values)
    while batch := list(islice(iterator, size)):
        yield batch


def ranges(ids: Sequence[int]) -> str:
    """Write sorted ids shortly: 1, 2, 3, 7 → ``1-3,7``."""
    parts: list[str] = []
    start = end = ids[0]
    for number in [*ids[1:], None]:
        if number is not None and number == end + 1:
            end = number
            continue
        parts.append(str(start) if start == end else f"{start}-{end}")
        if number is not None:
            start = end = number
    return ",".join(parts)


def spans(words: str) -> list[tuple[int, int]]:
    """Read what ``ranges`` wrote, as first and last numbers."""
    parts = (part.partition("-") for part in words.split(","))
    return [(int(first), int(last or first)) for first, _, last in parts]


def _defaults(model: type[SQLModel], given: set[str]) -> dict[str, Any]:
    return {
        name: field.get_default(call_default_factory=True)
        for name, field in model.model_fields.items()
        if name not in given and not field.is_required() and name != "id"
    }
