"""What a row of customers says beside the customer: tags, opt-outs, and who referred whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from refertrack.models.customers import CustomerTag, OptOut, Tag
from refertrack.rules.names import key
from refertrack.rules.text import NAME_LIMIT, clean
from refertrack.rules.words import OptOutChannel, OptOutPurpose
from refertrack.store import bulk, journal
from refertrack.workflows import opt_outs
from refertrack.workflows.imports import SourceFile, read_word

_CHANNELS = [channel.value for channel in OptOutChannel]


def read_extras(given: Mapping[str, str]) -> dict[str, Any]:
    """Read what a row says beside the customer; it is written once the customer has an id.

    Raises:
        BadValue: a value is not of its kind.

    """
    found: dict[str, Any] = {}
    if given.get("opt_out"):
        found["opt_out"] = read_word(given["opt_out"], "opt_out", _CHANNELS)
    if given.get("tags"):
        names = (clean(name, field="tags", limit=NAME_LIMIT) for name in given["tags"].replace(";", ",").split(","))
        found["tags"] = [name for name in names if name]
    if given.get("referred_by"):
        found["referred_by"] = clean(given["referred_by"], field="referred_by", limit=NAME_LIMIT)
    return found


class Extras:
    """Writes what rows say beside their customers, in sets."""

    def __init__(self, session: Session, file: SourceFile) -> None:
        self.session = session
        self.context = journal.context_of(session)
        self.file = file
        self.tags: dict[str, int] = {}
        self.referred: list[tuple[int, str, int]] = []

    def write(self, rows: Sequence[tuple[int, dict[str, Any], int]]) -> set[int]:
        """Write tags and opt-outs of customers who may have them already; keep who referred them for the end.

        Returns the customers of whom more is known now.
        """
        told = self._opt_outs([(number, more["opt_out"]) for number, more, _ in rows if "opt_out" in more])
        told |= self._tags([(number, name) for number, more, _ in rows for name in more.get("tags", ())])
        self.referred.extend(
            (number, more["referred_by"], line) for number, more, line in rows if "referred_by" in more
        )
        return told

    def _opt_outs(self, wanted: Sequence[tuple[int, str]]) -> set[int]:
        table = bulk.table_of(OptOut)
        query = select(table.c.customer_id, table.c.channel).where(table.c.purpose == OptOutPurpose.ANY)
        known = self._standing(query, table.c.customer_id, {number for number, _ in wanted})
        source = f"import of {self.file.name}"
        fresh = dict.fromkeys(pair for pair in wanted if pair not in known)
        ids = bulk.allocate(self.session, OptOut, len(fresh))
        rows = [
            {"id": each, "customer_id": number, "channel": channel, "purpose": OptOutPurpose.ANY.value,
             "since": self.context.today, "source": source}
            for each, (number, channel) in zip(ids, fresh, strict=True)
        ]  # fmt: skip
        bulk.insert(self.session, OptOut, rows)
        told = {number for number, _ in fresh}
        opt_outs.close_many(self.session, told)
        return told

    def _tags(self, wanted: Sequence[tuple[int, str]]) -> set[int]:
        if not wanted:
            return set()
        pairs = [(number, self._tag(name)) for number, name in wanted]
        table = bulk.table_of(CustomerTag)
        query = select(table.c.customer_id, table.c.tag_id)
        known = self._standing(query, table.c.customer_id, {number for number, _ in pairs})
        fresh = dict.fromkeys(pair for pair in pairs if pair not in known)
        ids = bulk.allocate(self.session, CustomerTag, len(fresh))
        rows = [
            {"id": each, "customer_id": number, "tag_id": tag} for each, (number, tag) in zip(ids, fresh, strict=True)
        ]
        bulk.insert(self.session, CustomerTag, rows)
        return {number for number, _ in fresh}

    def _standing(self, query: Any, column: Any, ids: set[int]) -> set[tuple[Any, ...]]:
        """Return what customers have already; a later row of the file may name one that this import has added."""
        connection = self.session.connection()
        return {
            tuple(row)
            for some in bulk.in_lists(sorted(ids))
            for row in connection.execute(query.where(column.in_(some)))
        }

    def _tag(self, name: str) -> int:
        name_key = key(name)
        if not self.tags:
            table = bulk.table_of(Tag)
            query = select(table.c.name_key, table.c.id)
            self.tags = {row[0]: row[1] for row in self.session.connection().execute(query)}
        if name_key not in self.tags:
            tag = Tag(name=name, name_key=name_key)
            self.session.add(tag)
            self.session.flush()
            self.tags[name_key] = tag.key
        return self.tags[name_key]
