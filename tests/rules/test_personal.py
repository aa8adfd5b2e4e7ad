"""No text of a person is forgotten: each column is cleared, or kept for a reason."""

from __future__ import annotations

import pytest
from sqlalchemy import String, Table

from refertrack.models.all import metadata
from refertrack.rules.personal import KEPT, MENTIONS, PERSONAL, REFERRED, pattern
from refertrack.store.persons import belonging_tables


def text_columns(table: Table) -> set[str]:
    kinds = {column.name: getattr(column.type, "impl", column.type) for column in table.columns}
    return {name for name, kind in kinds.items() if isinstance(kind, String)}


@pytest.mark.parametrize("name", sorted(belonging_tables()))
def test_every_text_of_a_table_that_belongs_to_people_is_cleared_or_kept(name: str) -> None:
    cleared = {*PERSONAL.get(name, ()), *(REFERRED if name == "referral" else ())}
    assert cleared | set(KEPT.get(name, ())) == text_columns(metadata.tables[name])
    assert not cleared & set(KEPT.get(name, ()))


def test_names_are_blotted_out_in_texts_alone() -> None:
    for name, columns in MENTIONS.items():
        assert set(columns) <= text_columns(metadata.tables[name]), name


def test_whole_words_are_found() -> None:
    found = pattern(("Jo Park", "jo@x.example", "+46701234567"))
    assert found is not None
    assert found.sub("…", "JO PARK, jo@x.example or +46701234567; Jojo Parker") == "…, … or …; Jojo Parker"
    assert pattern(("", " ")) is None
