"""Tables of text in: CSV with any of the usual separators, and tables lined up with blanks.

``read_table`` reads the bytes once (digest, encoding, damage), looks at the first lines to tell the layout,
and hands back a ``Table`` whose ``rows`` stream: a file of a million rows takes no more memory than a short
one. What is known to be unreadable is refused with the place; a row that cannot be trusted comes with the
reason and does not stop the rest.
"""

from __future__ import annotations

import csv
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast

from refertrack.exchange.csvwrite import MISSING
from refertrack.exchange.fields import known_words
from refertrack.exchange.layout import CELL_CEILING, WHITE_SPACE, Layout, look_at, reader_of
from refertrack.exchange.source import Source, open_source
from refertrack.rules.errors import BadValue, FileTrouble

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

CELL_LIMIT = 100_000
SAMPLE_ROWS = 50
TOLD_EVERY = 2_000


class Row(NamedTuple):
    """One row: the line it begins on (the first of the file is 1), its cells, and why it is bad ("" = good).

    A good row has a cell for each column; a bad one has its cells as they were found.
    """

    line: int
    cells: list[str]
    reason: str = ""


@dataclass(frozen=True)
class Table:
    """A table that was looked at and can be read, more than once if need be.

    ``encoding`` is Python's name; ``delimiter`` is " " for white space; ``preamble_lines`` is the number of
    lines above the header; ``sha256`` is of the file's bytes, in hexadecimal; ``sample`` holds the first
    good rows.
    """

    name: str
    columns: tuple[str, ...]
    encoding: str
    delimiter: str
    preamble_lines: int
    sha256: str
    size: int
    layout: Layout = field(repr=False)
    source: Source = field(repr=False)
    missing: frozenset[str] = field(repr=False)
    sample: tuple[Row, ...] = field(default=(), repr=False)

    def rows(self, tell: Callable[[int, int], None] | None = None) -> Generator[Row]:
        """Yield the rows below the header, one by one; rows without anything in them are left out.

        ``tell`` hears now and then how many bytes of how many have been read.

        Raises FileTrouble where a quotation mark is never closed: from there on nothing is sure.
        """
        with self.source.open_text() as stream:
            for _ in range(self.preamble_lines):
                stream.readline()
            found = _aligned(stream, self) if self.delimiter == WHITE_SPACE else _separated(stream, self)
            header = next(found, None)
            if header is None:
                return
            if tell is None:
                yield from found
                return
            for count, row in enumerate(found):
                if count % TOLD_EVERY == 0:
                    tell(min(cast("BinaryIO", stream.buffer).tell(), self.size - 1), self.size)
                yield row
            tell(self.size, self.size)


def read_table(
    source: Path | BinaryIO,
    *,
    encoding: str = "",
    delimiter: str = "",
    missing: frozenset[str] = MISSING,
) -> Table:
    """Look at a file, or at a stream of bytes such as standard input, and return its table.

    ``encoding`` and ``delimiter`` (one character) override what the file suggests. Cells that are exactly
    one of ``missing`` are read as empty; pass ``frozenset()`` to keep them.

    Raises FileTrouble for what is missing, unreadable, no text, empty or has a header alone; BadValue for an
    encoding or a delimiter that is none.
    """
    if delimiter and (len(delimiter) != 1 or delimiter in "\"'\r\n\0"):
        raise BadValue(f'"{delimiter}" cannot separate cells.', "One character, such as , or ; or |", field="delimiter")
    opened = open_source(source, encoding=encoding)
    text, whole = opened.sample()
    layout = look_at(text, whole=whole, known=known_words(), separator=delimiter)
    if layout is None:
        raise FileTrouble(f"{opened.name} has no table in it.", "Export it again, and look whether it has rows.")
    table = Table(
        name=opened.name,
        columns=layout.columns,
        encoding=opened.encoding,
        delimiter=layout.separator,
        preamble_lines=layout.preamble_lines,
        sha256=opened.sha256,
        size=opened.size,
        layout=layout,
        source=opened,
        missing=missing,
    )
    with closing(table.rows()) as rows:
        first = list(islice(rows, SAMPLE_ROWS))
    if not first:
        columns = ", ".join(table.columns[:8])
        raise FileTrouble(f"{table.name} has a header and no rows ({columns}).", "Export it again with its rows.")
    return _with_sample(table, first)


def _with_sample(table: Table, first: list[Row]) -> Table:
    """Return the table with the good ones of its first rows."""
    return replace(table, sample=tuple(row for row in first if not row.reason))


class _Lines:
    """The lines of a stream, with what the reader of cells cannot tell: an early end, and very long lines."""

    def __init__(self, stream: Iterator[str]) -> None:
        self.stream = stream
        self.ended = False
        self.long = False

    def __iter__(self) -> Iterator[str]:
        for line in self.stream:
            if len(line) > CELL_LIMIT:
                self.long = True
            yield line
        self.ended = True


def _separated(stream: Iterator[str], table: Table) -> Iterator[Row]:
    """Yield the rows of a file with separators, the header first."""
    width, missing = len(table.columns), table.missing
    lines = _Lines(stream)
    for line, last, cells in _records(lines, table):
        # Only a row of several lines, or of a long one, can have a cell that is too long.
        if lines.long or last > line:
            lines.long = False
            if too_long := _too_long(cells, table.columns):
                yield Row(line, cells, too_long)
                continue
        known = cells if missing.isdisjoint(cells) else ["" if cell in missing else cell for cell in cells]
        if len(cells) == width:
            if any(known):
                yield Row(line, known)
        elif any(known) and (len(cells) > 1 or cells[0].strip()):
            # A row that is refused keeps its cells as they are, for whoever has to put it right.
            yield _ragged(line, known if len(cells) < width else cells, table)


def _records(lines: _Lines, table: Table) -> Iterator[tuple[int, int, list[str]]]:
    """Yield (first line, last line, cells) of all records, empty ones too."""
    reader = reader_of(lines, table.layout)
    last = table.preamble_lines
    while True:
        line = last + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:  # a lenient reader of whole lines knows only one error: a cell without end
            raise _never_closed(table, line, f"a cell has more than {CELL_CEILING:,} characters") from error
        if cells is None:
            return
        last = table.preamble_lines + reader.line_num
        if lines.ended:  # the reader asked for more than there is, so it was inside a quoted cell
            column = table.columns[min(len(cells), len(table.columns)) - 1]
            raise _never_closed(table, line, f'the quotation mark that opens "{column}" is never closed')
        yield line, last, cells


def _too_long(cells: list[str], columns: tuple[str, ...]) -> str:
    """Name the first cell that is longer than ``CELL_LIMIT``; "" where none is."""
    for place, cell in enumerate(cells):
        if len(cell) > CELL_LIMIT:
            name = columns[place] if place < len(columns) else f"cell {place + 1}"
            return f'"{name}" has more than {CELL_LIMIT:,} characters'
    return ""


def _aligned(stream: Iterator[str], table: Table) -> Iterator[Row]:
    """Yield the rows of a table lined up with blanks, the header first."""
    width, missing = len(table.columns), table.missing
    for line, text in enumerate(stream, start=table.preamble_lines + 1):
        cells = text.split()
        if len(cells) == width:
            yield Row(line, ["" if cell in missing else cell for cell in cells])
        elif cells:
            # Blanks cannot show which cell is left out, so a short row is as unsure as a long one.
            yield Row(line, cells, f"{len(cells)} cells where the header has {width}")


def _ragged(line: int, cells: list[str], table: Table) -> Row:
    """Fill a short row with empty cells; a row with too many is bad, since nobody knows which one is split."""
    width = len(table.columns)
    if len(cells) < width:
        return Row(line, cells + [""] * (width - len(cells)))
    reason = f"{len(cells)} cells where the header has {width}: a text with a separator in it needs quotation marks"
    return Row(line, cells, reason)


def _never_closed(table: Table, line: int, what: str) -> FileTrouble:
    """Say where a quoted cell begins that goes on to the end."""
    return FileTrouble(
        f"{table.name}, line {line}: {what}.",
        'Close the cell with ", or write a quotation mark within a text twice ("").',
    )
