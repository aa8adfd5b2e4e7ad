"""The engine and the session: one command is one transaction, on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, event, text
from sqlalchemy import create_engine as sqlalchemy_engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from refertrack.rules.errors import Busy, Kept, StoreTrouble
from refertrack.store import deeds
from refertrack.store.dialect import Dialect
from refertrack.store.files import private_folder, take_away
from refertrack.store.opening import connected, is_ahead, is_there
from refertrack.store.reader import WAIT_SECONDS, Reader, keep_quiet, plain, postgres_trouble, sqlite_trouble
from refertrack.store.schema import APPLICATION_ID, HEAD, OldSchema, check_revision, foreign
from refertrack.store.target import Target

if TYPE_CHECKING:
    from sqlmodel import Session

    from refertrack.rules.context import Context

# One writer at a time on a server too, as on a file: an advisory lock that ends with the transaction.
WRITE_LOCK = APPLICATION_ID


# A server may be set to say that a change is kept before it is on its disk; what is stronger there stays.
_WRITER = f"""
SELECT set_config('lock_timeout', '{int(WAIT_SECONDS)}s', true),
       CASE current_setting('synchronous_commit') WHEN 'off' THEN set_config('synchronous_commit', 'on', true) END
"""


def create_engine(target: Target, *, write: bool = True) -> Engine:
    """Return an engine whose transactions begin as a writer's or as a reader's.

    Errors never show the data of a statement (``hide_parameters``).
    """
    if target.path is not None:
        return _sqlite_engine(target.path, write=write)
    engine = sqlalchemy_engine(
        target.url.replace("postgresql://", "postgresql+psycopg://", 1),
        poolclass=NullPool,
        connect_args={"client_encoding": "utf8"},  # whatever the server keeps its letters in
        hide_parameters=True,
    )
    keep_quiet("psycopg")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if write:
            connection.exec_driver_sql(_WRITER)
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})")
        else:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

    return engine


keep_quiet("sqlalchemy")

# The driver keeps 2 MB of pages, too few for the keys of a large import. A small write takes no more than it touches;
# a report sorts the quicker, the less it may keep.
CACHE_KIB = 65_536


def _sqlite_engine(path: Path, *, write: bool) -> Engine:
    engine = sqlalchemy_engine(
        URL.create("sqlite", database=str(path)),  # put together, so that no sign in the name is read as one of a URL
        poolclass=NullPool,
        creator=lambda: connected(path, "rw", WAIT_SECONDS),
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy's recipe: the driver begins no transaction by itself
        connection.execute("PRAGMA foreign_keys=ON")
        # More than FULL: the folder is brought to the disk too once the journal is gone, so that a power cut brings
        # back neither the journal nor, with it, what was before the command.
        connection.execute("PRAGMA synchronous=EXTRA")
        if write:
            connection.execute(f"PRAGMA cache_size=-{CACHE_KIB}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


@contextmanager
def writing(target: Target, context: Context) -> Iterator[Session]:
    """Give a session in one transaction that is committed at the end, journalled under the command's name.

    Raises:
        StoreTrouble: the database cannot be used; nothing was changed, or the words say what else is so.

    """
    from sqlmodel import Session

    from refertrack.store import journal

    prepare(target)
    with plain_errors(target):
        engine = create_engine(target)
        with Session(engine, expire_on_commit=False, autoflush=True) as session:
            journal.attach(session, context)
            yield session
            if session.info.get("dry_run"):
                session.flush()
                session.expunge_all()  # what would have been can still be told
                session.rollback()
            else:
                session.flush()
                deeds.begin()
                try:
                    session.commit()
                except DBAPIError as error:
                    raise _after_commit(target, session, error) from error
                deeds.keep()


def _after_commit(target: Target, session: Session, error: DBAPIError) -> StoreTrouble:
    """Look whether a change was kept although its commit ended with an error, and say what is.

    A disk may refuse what comes after the change is in the file (a lock to give back), a server may go away before it
    has answered; who types the command once more would then have it twice.
    """
    cause, words = error.orig or error, target.words
    trouble = (sqlite_trouble if target.is_sqlite else postgres_trouble)(cause, words)
    if isinstance(trouble, Busy) or not (target.is_sqlite or error.connection_invalidated):
        return trouble  # the change was refused
    kept = _kept(target, session)
    if kept is False:
        return trouble
    if kept:
        who = "the disk did not confirm it" if target.is_sqlite else "the server went away before it had said so"
        return Kept(
            f"The change is written to {words}, but {who} ({_first_line(cause)}).",
            f"{'Look at the disk; then see' if target.is_sqlite else 'See'} whether the change is there: "
            "refertrack history",
        )
    went = f"failed ({_first_line(cause)})" if target.is_sqlite else "went away"
    return Kept(
        f"{words} {went} while it was asked to keep the change: it has all of it or nothing.",
        "See whether it is there: refertrack history",
    )


def _kept(target: Target, session: Session) -> bool | None:
    """Whether a session's command stands in the journal, seen through a new connection; None where nobody knows."""
    from refertrack.models.journal import Command

    number, context, table = session.info.get("command_id"), session.info["context"], Command.__table__  # type: ignore[attr-defined]
    if number is None:
        return None
    own = (table.c.id == number, table.c.at == context.now, table.c.name == context.command)
    try:
        session.close()
        # On a server it waits until the first transaction has ended.
        with plain_errors(target), create_engine(target, write=not target.is_sqlite).connect() as connection:
            found = connection.execute(table.select().where(*own, table.c.author == context.author)).first()
        if found is None and target.path is not None and is_ahead(target.path):
            return None  # what was written there may come back with it
    except (StoreTrouble, DBAPIError, OSError):
        return None
    return found is not None


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


@contextmanager
def reading(target: Target) -> Iterator[Connection]:
    """Give a connection for reports: one snapshot, nothing can be written.

    Raises:
        StoreTrouble: the database cannot be used.

    """
    try:
        with _snapshot(target) as connection:
            yield connection
            return
    except OldSchema:
        prepare(target)
    with _snapshot(target) as connection:
        yield connection


@contextmanager
def _snapshot(target: Target) -> Iterator[Connection]:
    if target.path is not None and not is_there(target.path):
        raise OldSchema(f"{target.words} does not exist yet.")
    with plain_errors(target), create_engine(target, write=False).connect() as connection:
        check_revision(current_revision(connection, target), target.words)
        yield connection


@contextmanager
def plain_errors(target: Target) -> Iterator[None]:
    """Turn the drivers' errors into sentences that show no customer's data."""
    try:
        yield
    except DBAPIError as error:
        cause = error.orig or error
        raise (sqlite_trouble if target.is_sqlite else postgres_trouble)(cause, target.words) from error
    except SQLAlchemyError as error:
        raise StoreTrouble(f"{target.words} cannot be used: {type(error).__name__}.", "Nothing was changed.") from error


def prepare(target: Target) -> bool:
    """See that the database exists and has this program's form; make or migrate it where needed.

    Returns whether it was made just now.

    Raises:
        StoreTrouble: it is newer, not ours, or cannot be used.

    """
    if target.path is not None and not is_there(target.path):
        return _make_file(target.path)
    with plain_errors(target):
        engine = create_engine(target, write=False)
        with engine.connect() as connection:
            revision = current_revision(connection, target)
    try:
        check_revision(revision, target.words)
    except OldSchema:
        _upgrade(target, revision)
        return revision is None
    return False


def _upgrade(target: Target, revision: str | None) -> None:
    """Migrate a database; a file is kept as it was first."""
    from refertrack.store import migrate
    from refertrack.store.backup import before_migrating

    def current() -> str | None:
        with plain_errors(target), create_engine(target, write=False).connect() as connection:
            return current_revision(connection, target)

    with _saying_why(target, revision):
        if target.path is not None:
            before_migrating(target.path, revision, current)
        try:
            with plain_errors(target):
                migrate.upgrade(target, about_to_keep=deeds.begin)
        except StoreTrouble as error:
            if isinstance(error, Busy) or not _is_todays(current):
                raise  # else it is done, only a lock could not be given back, or the server did not answer any more
        deeds.keep()


def _is_todays(current: Callable[[], str | None]) -> bool:
    try:
        return current() == HEAD
    except StoreTrouble:
        deeds.keep()  # nobody knows
        return False


@contextmanager
def _saying_why(target: Target, revision: str | None) -> Iterator[None]:
    """Say it where a database of an older form, or an empty one, cannot be brought up to date: nobody asked for it."""
    try:
        yield
    except StoreTrouble as error:
        if type(error) is not StoreTrouble or (revision is None and target.is_sqlite):
            raise
        if revision is None:
            raise StoreTrouble(
                f"{target.words} holds nothing yet, and what is to be kept needs tables. {error.message}", error.hint
            ) from error
        copied = " In a folder of yours a copy of it can be: --db COPY" if target.path is not None else ""
        raise StoreTrouble(
            f"{target.words} has the form of an older refertrack and has to be brought up to date. {error.message}",
            f"{error.hint}{copied}",
        ) from error


# A table that somebody made here, other than those that belong to an extension.
_OWN_TABLES = """
SELECT 1 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p')
  AND NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e') LIMIT 1
"""


def current_revision(connection: Connection, target: Target) -> str | None:
    """Return the schema revision that stands in the database, or None for an empty database of a server.

    Raises:
        ForeignDatabase: it is another program's.

    """
    if target.is_sqlite:
        if connection.exec_driver_sql("PRAGMA application_id").scalar() != APPLICATION_ID:
            raise foreign(target.words)
    else:
        if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
            if connection.scalar(text(_OWN_TABLES)) is not None:
                raise foreign(target.words)
            return None
        if connection.scalar(text("SELECT to_regclass('follow_up_anchor')")) is None:
            raise foreign(target.words)
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found is None:
        raise foreign(target.words)
    return str(found)


def _make_file(path: Path) -> bool:
    """Make a new database beside its place and move it there whole, so that no half-made file is ever seen."""
    from refertrack.store import migrate

    _make_folder(path.parent)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        migrate.upgrade(Target(path=fresh))
        try:
            os.link(fresh, path)
        except FileExistsError:  # another command was quicker: its file is as good
            return False
    except (StoreTrouble, OSError) as error:
        raise not_made(path, error) from error
    finally:
        take_away(fresh)
    return True


def not_made(path: Path, error: StoreTrouble | OSError) -> StoreTrouble:
    """Say that a database could not be made at a place, and why; its passing file is named to nobody."""
    if isinstance(error, OSError):
        return StoreTrouble(f"{path} cannot be made: {error.strerror or error}.", "Choose another place with --db.")
    cause = error.__cause__ or error
    why = _first_line(getattr(cause, "orig", None) or cause).removesuffix(".")
    return StoreTrouble(f"{path} cannot be made: {why}.", "Nothing was changed. Look at the disk, and try again.")


def _make_folder(folder: Path) -> None:
    try:
        private_folder(folder)
    except OSError as error:
        raise StoreTrouble(
            f"The folder {folder} cannot be made: {error.strerror or error}.",
            "Choose another place with --db.",
        ) from error


def discard(path: Path) -> None:
    """Delete a database file of ours, with what SQLite may have left beside it.

    Raises:
        StoreTrouble: it cannot be deleted.

    """
    try:
        for suffix in ("", "-journal", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    except OSError as error:
        raise StoreTrouble(f"{path} cannot be deleted: {error.strerror}.", "Check the folder's rights.") from error


def session_reader(session: Session) -> Reader:
    """Return a reader inside a session's transaction, so that look-ups see what the command has written."""
    session.flush()
    return connection_reader(session.connection())


def connection_reader(connection: Connection) -> Reader:
    """Return a reader over an open connection; dates come as ISO text, as everywhere in a reader."""

    def run(sql: str, parameters: Mapping[str, object]) -> tuple[list[str], list[Any]]:
        result = connection.execute(text(sql), dict(parameters))
        return list(result.keys()), [tuple(plain(value) for value in row) for row in result]

    return Reader(run, Dialect(sqlite=connection.dialect.name == "sqlite"))
