"""The names of groups as the business spells them, whatever case somebody types."""

from __future__ import annotations

from collections.abc import Iterable

from refertrack.rules.names import key
from refertrack.store.reader import Reader

_NAMES = {
    "segment": "SELECT segment AS name FROM customer_card WHERE segment <> ''",
    "owner": "SELECT owner AS name FROM customer_card WHERE owner <> ''"
    " UNION SELECT owner FROM follow_up WHERE owner <> '' AND state = 'open'",
    "tag": "SELECT name FROM tag",
    "city": "SELECT city AS name FROM customer_card WHERE city <> ''",
    "country": "SELECT country AS name FROM customer_card WHERE country <> ''",
    "source": "SELECT source AS name FROM customer_card WHERE source <> ''",
    "channel": "SELECT channel AS name FROM spend",
}
# Where a name that somebody uses is found at once.
_USED = {
    "segment": "SELECT 1 FROM customer_card WHERE segment = :name LIMIT 1",
    "owner": "SELECT 1 FROM follow_up WHERE owner = :name AND state = 'open' LIMIT 1",
}


def look(reader: Reader, group: str, name: str, more: Iterable[str] = ()) -> tuple[str | None, list[str]]:
    """Return a group's name as it is written here (``retail`` → ``Retail``), and all names of such groups.

    Args:
        reader: the database.
        group: segment, owner, tag, city, country, source (of customers) or channel (of spending).
        name: as it was typed; "" is no name, and stays as it is.
        more: names that nobody need have yet, such as the segments that have settings of their own.

    Returns:
        The spelling, None where nobody has it; the names only where the spelling had to be looked for.

    """
    if not name or (group in _USED and reader.value(_USED[group], name=name)):
        return name, []
    used = reader.rows(f"SELECT DISTINCT name FROM ({_NAMES[group]}) AS used")  # noqa: S608
    known = sorted({row["name"] for row in used} | {*more})
    if name in known:
        return name, known
    return next((each for each in known if key(each) == key(name)), None), known
