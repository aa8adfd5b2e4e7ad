"""The history in words: which command changed what. The words come from the rows as they are today.

So the history names nobody who was erased, and a customer by the name that they have now. A row that is
gone is named by what the journal kept of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from refertrack.store.reader import Reader, Row, read_words

NAMED = 4  # so many rows of a table are named one by one; more are counted
READ = 400
MADE, CHANGED, GONE = "made", "changed", "gone"
_KINDS = {"insert": MADE, "update": CHANGED, "delete": GONE, "erase": CHANGED}
# What a row is called after its number; a table that is left out has nothing to call its rows by.
_LABELS = {
    "action": "title", "announcement": "title", "customer": "name", "feedback": "kind", "follow_up": "what",
    "import_batch": "file_name", "opportunity": "issue", "product": "name", "purchase": "description",
    "reason": "words", "recommendation": "whom", "referral": "name", "setting": "name", "tag": "name",
}  # fmt: skip
_NOUNS = {"follow_up": "item", "import_batch": "file", "opt_out": "opt-out", "touch": "contact"}
_PLURALS = {"feedback": "entries of feedback", "opportunity": "opportunities"}
# Rows that come with others and say nothing by themselves.
_BESIDE = {"follow_up_anchor", "customer_status", "referral_event", "customer_tag", "survey_answer"}
_ORDER = (
    "customer", "product", "purchase", "survey", "feedback", "opportunity", "ask", "referral", "recommendation",
    "reward", "opt_out", "touch", "follow_up",
)  # fmt: skip
_UNSAID = {"id", "created_at", "updated_at", "version", "name_key", "company_key", "email_key", "phone_key", "token"}


@dataclass(frozen=True)
class Wanted:
    """Which commands are wanted; everything that is left out matches. ``since`` and ``until`` are moments."""

    customer_id: int | None = None
    command: str = ""
    since: datetime | None = None
    until: datetime | None = None
    limit: int | None = None


@dataclass(frozen=True)
class Changed:
    """A field of a row that a command changed; ``field`` is '' where the row came or went as a whole."""

    table: str
    row_id: int
    rows: int
    what: str
    kind: str
    field: str
    before: str
    after: str


def commands(reader: Reader, wanted: Wanted) -> list[Row]:
    """Return the commands that changed something, the latest first, with what they changed in words."""
    where, values = ["1 = 1"], dict[str, object]()
    if wanted.command:
        where.append("name = :command")
        values["command"] = wanted.command
    if wanted.since is not None:
        where.append("at >= :since")
        values["since"] = _moment(wanted.since)
    if wanted.until is not None:
        where.append("at < :until")
        values["until"] = _moment(wanted.until)
    rows = reader.rows(
        "SELECT id, at, author, name AS command, undone_by_id AS undone_by, undoes_id AS undoes FROM command"  # noqa: S608
        f" WHERE {' AND '.join(where)} ORDER BY id DESC",
        **values,
    )
    if wanted.customer_id is not None:
        theirs = _commands_of(reader, wanted.customer_id)
        rows = [row for row in rows if row["id"] in theirs]
    rows = rows[: wanted.limit]
    for row in rows:
        row["at"] = _as_utc(row["at"])
        row["rows"], row["what"] = describe(reader, row["id"])
        if row["undoes"]:
            name = reader.value("SELECT name FROM command WHERE id = :id", id=row["undoes"])
            row["what"] = f"took back {row['undoes']} {name}: {row['what']}"
    return rows


def describe(reader: Reader, number: int) -> tuple[int, str]:
    """Return how many rows a command changed, and which, in words."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for row in reader.rows(
        "SELECT table_name, verb, row_ids, count(*) AS times FROM change WHERE command_id = :id"
        " GROUP BY table_name, verb, row_ids ORDER BY min(id)",
        id=number,
    ):
        counts[row["table_name"], _KINDS[row["verb"]]] += _size(row["row_ids"]) if row["row_ids"] else row["times"]
    changes = _changes(reader, number)
    labels = _labels(reader, changes)
    parts: dict[str, list[str]] = {MADE: [], CHANGED: [], GONE: []}
    several = 0
    for (table, kind), count in sorted(counts.items(), key=lambda pair: _place(pair[0][0])):
        passing = kind == CHANGED and ((table, MADE) in counts or (table, GONE) in counts)
        own = _rows(changes, table, kind)
        ids = sorted(own - (_rows(changes, table, MADE) | _rows(changes, table, GONE) if passing else set()))
        if table in _BESIDE or (passing and not ids):
            continue
        many = count > len(own)  # rows in bulk, or more than were read
        parts[kind].append(counted(table, count) if many else _few(table, ids, labels))
        several += (many or len(ids) > 1) if kind == GONE else 0
    gone = ", ".join(parts[GONE])
    words = [", ".join(parts[MADE])]
    words.append(f"changed {', '.join(parts[CHANGED])}" if parts[CHANGED] else "")
    words.append(f"{gone} {'are' if several or len(parts[GONE]) > 1 else 'is'} gone" if gone else "")
    return sum(counts.values()), "; ".join(part for part in words if part)


def counted(table: str, count: int) -> str:
    """Return how many rows of a table, in words: "2 items"."""
    return f"{count:,} {_noun(table) if count == 1 else _plural(table)}"


def counted_each(rows: Mapping[str, int]) -> str:
    """Return how many rows of each table, in words; what only stands beside another row goes without saying."""
    return ", ".join(counted(table, count) for table, count in rows.items() if table not in _BESIDE)


def _rows(changes: Iterable[Row], table: str, kind: str) -> set[int]:
    return {int(row["row_id"]) for row in changes if (row["table_name"], _KINDS[row["verb"]]) == (table, kind)}


def _place(table: str) -> int:
    return _ORDER.index(table) if table in _ORDER else len(_ORDER)


def detail(reader: Reader, number: int) -> list[Changed]:
    """Return what a command changed, field by field: before and after."""
    changes = _changes(reader, number, limit=None)
    labels = _labels(reader, changes)
    found = []
    for change in changes:
        table, kind = change["table_name"], _KINDS[change["verb"]]
        before, after = _fields(change["before"]), _fields(change["after"])
        rows = _size(change["row_ids"]) if change["row_ids"] else 1
        what = _numbered(table, change["row_ids"] or str(change["row_id"]), rows)
        label = labels.get((table, change["row_id"]), "") if rows == 1 else ""
        common = (table, change["row_id"], rows, f"{what} {label}".strip(), kind)
        if kind == CHANGED and (before or after):
            found += [Changed(*common, name, _said(before.get(name)), _said(after[name])) for name in after]
        else:
            found.append(Changed(*common, "", _listed(before), _listed(after)))
    return found


def _changes(reader: Reader, number: int, limit: int | None = READ) -> list[Row]:
    rows = reader.rows(
        "SELECT table_name, row_id, row_ids, verb, before, after FROM change WHERE command_id = :id"
        " ORDER BY id LIMIT :limit",
        id=number,
        limit=limit or 1_000_000_000,
    )
    return [each for row in rows for each in _singly(row)]


def _singly(row: Row) -> list[Row]:
    """Give a few rows that were inserted in bulk one by one."""
    if not row["row_ids"] or _size(row["row_ids"]) > NAMED:
        return [row]
    numbers = (number for first, last in _spans(row["row_ids"]) for number in range(first, last + 1))
    return [{**row, "row_id": number, "row_ids": ""} for number in numbers]


def _labels(reader: Reader, changes: Sequence[Row]) -> dict[tuple[str, int], str]:
    """Return what rows are called: by what they hold today, else by what the journal kept."""
    labels: dict[tuple[str, int], str] = {}
    wanted: dict[str, set[int]] = defaultdict(set)
    for change in changes:
        table = change["table_name"]
        if table in _LABELS:
            wanted[table].add(int(change["row_id"]))
            kept = {**read_words(change["before"]), **read_words(change["after"])}.get(_LABELS[table])
            labels[table, change["row_id"]] = kept or labels.get((table, change["row_id"]), "")
    for table, ids in wanted.items():
        listed = ", ".join(map(str, sorted(ids)))
        for row in reader.rows(f"SELECT id, {_LABELS[table]} AS label FROM {table} WHERE id IN ({listed})"):  # noqa: S608
            labels[table, row["id"]] = row["label"] or ("(erased)" if table == "customer" else "")
    return {key: label.splitlines()[0][:60] for key, label in labels.items() if label}


def _few(table: str, ids: Sequence[int], labels: dict[tuple[str, int], str]) -> str:
    if len(ids) > NAMED:
        return f"{len(ids):,} {_plural(table)}"
    if len(ids) == 1:
        return f"{_noun(table)} {ids[0]} {labels.get((table, ids[0]), '')}".strip()
    return f"{_plural(table)} {', '.join(map(str, ids))}"


def _numbered(table: str, ids: str, count: int) -> str:
    return f"{_noun(table) if count == 1 else _plural(table)} {ids}"


def _noun(table: str) -> str:
    return _NOUNS.get(table, table.replace("_", " "))


def _plural(table: str) -> str:
    return _PLURALS.get(table, f"{_noun(table)}s")


def _fields(words: str) -> dict[str, Any]:
    return {name: value for name, value in read_words(words).items() if name not in _UNSAID}


def _said(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _listed(values: dict[str, Any]) -> str:
    """Name the fields of a row that hold something."""
    return ", ".join(f"{name} {_said(value)}" for name, value in values.items() if value not in (None, "", False))


def _size(ranges: str) -> int:
    return sum(last - first + 1 for first, last in _spans(ranges))


def _spans(ranges: str) -> list[tuple[int, int]]:
    parts = (part.partition("-") for part in ranges.split(","))
    return [(int(first), int(last or first)) for first, _, last in parts]


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}+00:00"


def _as_utc(at: str) -> str:
    moment = datetime.fromisoformat(at)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.isoformat(timespec="seconds")


def _commands_of(reader: Reader, customer_id: int) -> set[int]:
    """Return the commands that changed a customer, or a row that belongs to them."""
    from refertrack.models.all import metadata

    found: set[int] = set()
    for table in metadata.sorted_tables:
        columns = [link.parent.name for link in table.foreign_keys if link.column.table.name == "customer"]
        names = [*columns, "id"] if table.name == "customer" else columns
        condition = " OR ".join(f"{name} = :customer" for name in names)
        if not condition:
            continue
        rows = reader.rows(f"SELECT id FROM {table.name} WHERE {condition}", customer=customer_id)  # noqa: S608
        found |= _that_touched(reader, table.name, sorted(row["id"] for row in rows))
        found |= _that_removed(reader, table.name, columns, customer_id)
    return found


def _that_touched(reader: Reader, table: str, ids: Sequence[int]) -> set[int]:
    if not ids:
        return set()
    listed = ", ".join(map(str, ids))
    single = reader.rows(
        f"SELECT DISTINCT command_id FROM change WHERE table_name = :name AND row_ids = '' AND row_id IN ({listed})",  # noqa: S608
        name=table,
    )
    many = reader.rows(
        "SELECT command_id, row_ids FROM change WHERE table_name = :name AND row_ids <> '' AND row_id <= :highest",
        name=table,
        highest=ids[-1],
    )
    return {row["command_id"] for row in single} | {row["command_id"] for row in many if _holds(row["row_ids"], ids)}


def _holds(ranges: str, ids: Iterable[int]) -> bool:
    spans = _spans(ranges)
    return any(first <= number <= last for number in ids for first, last in spans)


def _that_removed(reader: Reader, table: str, columns: Sequence[str], customer_id: int) -> set[int]:
    """Return the commands that made or took away rows of a customer that are there no more."""
    own = ["id"] if table == "customer" else columns
    found: set[int] = set()
    for name in own:
        rows = reader.rows(
            "SELECT command_id FROM change WHERE table_name = :name AND verb IN ('insert', 'delete')"
            " AND (before LIKE :part OR after LIKE :part)",
            name=table,
            part=f'%"{name}":{customer_id},%',
        )
        found |= {row["command_id"] for row in rows}
    return found
