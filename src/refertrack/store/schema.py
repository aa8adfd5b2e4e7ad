"""How a database is known to be ours, and of which age: read by the fast way and by the slow one."""

from __future__ import annotations

from refertrack.rules.errors import StoreTrouble

# "rftk", in the header of every SQLite file of ours.
APPLICATION_ID = 0x7266746B
REVISIONS = ("0001", "0002")
HEAD = REVISIONS[-1]


class OldSchema(StoreTrouble):
    """The database was made by an older refertrack (or holds nothing yet) and can be brought up to date."""

    code = "old_schema"


class ForeignDatabase(StoreTrouble):
    """The file or the database belongs to another program, or is damaged."""

    code = "foreign_database"


def check_revision(revision: str | None, words: str) -> None:
    """Compare the revision that stands in a database with this program's.

    Raises:
        OldSchema: it is older, and can be migrated.
        StoreTrouble: it is newer than this program.

    """
    if revision == HEAD:
        return
    if revision is None or revision in REVISIONS:
        raise OldSchema(f"{words} has an older form.")
    raise StoreTrouble(
        f"{words} was written by a newer refertrack (schema {revision}; this one knows {HEAD}).",
        "Install the newest refertrack; the file was left as it is.",
    )


def foreign(words: str) -> ForeignDatabase:
    """Say that a file or database is not ours."""
    return ForeignDatabase(
        f"{words} is not a refertrack database.",
        "It was left as it is. Choose another file with --db, or restore a backup: refertrack restore",
    )
