"""Rows out as CSV that a spreadsheet shows and never runs, and that ``csvread`` reads back as it was.

Quoting is RFC 4180's; lines end with a line feed alone, as pipes and diff expect, and every spreadsheet
reads that too. More is quoted than the RFC asks for: whatever could be taken for another separator, for a
quotation mark or for alignment, so that a file of ours is never misread.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, TextIO

from refertrack.rules.errors import BadValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

Cell = str | int | float | Decimal | date | bool | None

# Words that databases and spreadsheets write for "nothing", taken only in exactly this spelling: "None" and
# "null" can be names, "-" and "N/A" an answer, "NaN" somebody's initials.
MISSING = frozenset({"NULL", "\\N", "#N/A"})

# How a formula begins in a spreadsheet, its full-width forms (East Asian editions) among them; apostrophes
# before it are prefixes of ours or look like them, so they count along and every prefix can be taken off.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_FIRSTS = frozenset("'=+-@\t\r\n＝＋－＠")
# A number or a phone number is left alone: it begins like a formula and is none.
_NUMBER = re.compile(r"[+-]?[0-9][0-9 ()./-]*")
_QUOTED = re.compile(r"""[",;|\t\r\n]|^[' ]|[ ]\Z|[ ]{2}""")


def needs_prefix(cell: str) -> bool:
    """Whether this text could be taken for a formula, or for nothing; or for one of them with our prefix."""
    if cell in MISSING:
        return True
    if cell[:1] not in _FIRSTS or not cell:
        return False
    if cell.lstrip("'") in MISSING:
        return True
    return _FORMULA.match(cell) is not None and _NUMBER.fullmatch(cell) is None


def prefix(cell: str) -> str:
    """Put an apostrophe before a text that a spreadsheet could run; leave all other text as it is."""
    return "'" + cell if needs_prefix(cell) else cell


def unprefix(cell: str) -> str:
    """Take exactly one apostrophe off where ``prefix`` would have put it: the inverse of ``prefix``."""
    return cell[1:] if cell[:1] == "'" and needs_prefix(cell[1:]) else cell


def write_rows(
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    stream: TextIO,
    *,
    raw: bool = False,
    text_columns: AbstractSet[str] | None = None,
) -> int:
    """Write a header and rows to an open text stream, and return how many rows there were.

    None becomes an empty cell, a date ISO, a decimal its digits, True and False yes and no. Text is guarded
    by ``prefix``: in all columns, or only in ``text_columns`` where that is given (for rows whose numbers
    come as text, such as "-5,00"). ``raw`` leaves all as it is. The header is guarded like text.

    Raises BadValue for a row that is longer or shorter than the header.
    """
    names = list(columns) if raw else [prefix(name) for name in columns]
    guarded = [not raw and (text_columns is None or name in text_columns) for name in columns]
    width = len(guarded)
    stream.write(_line(names))
    count = 0
    for row in rows:
        if len(row) != width:
            raise BadValue(f"A row has {len(row)} cells where the header has {width}.", "Give each column a cell.")
        cells = []
        for value, guard in zip(row, guarded, strict=True):
            if isinstance(value, str):
                cells.append(prefix(value) if guard else value)
            else:
                cells.append(_as_text(value))
        stream.write(_line(cells))
        count += 1
    return count


def _as_text(value: Cell) -> str:
    """Write a value that is no text the way an import reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def _line(cells: list[str]) -> str:
    """Join cells to one line; an empty cell that is alone is quoted, since an empty line is no row."""
    if cells == [""]:
        return '""\n'
    quoted = ['"' + cell.replace('"', '""') + '"' if _QUOTED.search(cell) else cell for cell in cells]
    return ",".join(quoted) + "\n"
