"""How a table of text is laid out: its separator, its quotation mark, and the line of its header.

Everything here looks at a sample, the first lines of the file; nothing reads a file.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from refertrack.exchange.csvwrite import unprefix
from refertrack.exchange.fields import header_key

if TYPE_CHECKING:
    from _csv import Reader as CsvReader
    from collections.abc import Iterable

SEPARATORS = (",", ";", "\t", "|")
WHITE_SPACE = " "
LINES_LOOKED_AT = 200
ROWS_ABOVE_HEADER = 20
# What no cell can be longer than: past it a quotation mark was surely never closed.
CELL_CEILING = 10_000_000

_LINE_END = re.compile(r"\r\n|\r|\n")
_QUOTED = re.compile(r'(^|[,;\t|\r\n]) *"([^"]*(?:""[^"]*)*)(?:"|\Z)')
_SEP_LINE = re.compile(r"sep=(.)[\r\n]", re.IGNORECASE)
# Our own apostrophe before a formula is no quotation mark, so those cells are left out.
_APOSTROPHE_CELL = re.compile(r"(?:^|(?<=[,;\t|\r\n]))'(?![=+\-@\t\r'])")
_APOSTROPHE_QUOTED = re.compile(r"(?:^|(?<=[,;\t|\r\n]))'(?![=+\-@\t\r'])[^'\r\n]*'(?=[,;\t|\r\n]|\Z)")


@dataclass(frozen=True)
class Layout:
    """``separator`` is ``WHITE_SPACE`` where any run of blanks parts two cells."""

    separator: str
    quote: str
    skip_blanks: bool
    preamble_lines: int
    columns: tuple[str, ...]


def look_at(sample: str, *, whole: bool, known: frozenset[str], separator: str = "") -> Layout | None:
    """Tell the layout from the first lines of a file; None where no line has anything in it.

    ``whole`` says that the sample is the whole file (else its last line may be cut). ``known`` holds the
    words that headers are made of, as ``header_key`` writes them. ``separator`` overrides the guess.

    The header is the first row that has at least half as many filled cells as rows usually have. A later one
    takes its place where two or more of its cells are known header words and no row above it has as many
    filled cells: so notes above a table (LinkedIn, QuickBooks) are passed over.
    """
    if not whole:
        sample = _up_to_last_line(sample)
    announced = _SEP_LINE.match(sample)
    if announced:
        separator = separator or announced.group(1)
    skeleton = _QUOTED.sub(lambda m: m.group(1) + re.sub(r'[,;\t|\r\n"]', " ", m.group(2)), sample)
    lines = [line for line in _LINE_END.split(skeleton)[:LINES_LOOKED_AT] if line.strip()]
    if announced:
        lines = lines[1:]
    if not lines:
        return None
    separator = separator or _separator(lines, known, quoted='"' in sample)
    quote = "'" if '"' not in sample and _apostrophes_quote(sample) else '"'
    draft = Layout(separator, quote, _spaced_quotes(sample), 1 if announced else 0, ())
    rows = _rows(sample, draft)
    if not rows:
        return None
    at = _header_row([cells for _, cells in rows], known)
    line, header = rows[at]
    surplus = _surplus(len(header), [cells for _, cells in rows[at + 1 :]])
    return replace(draft, preamble_lines=line, columns=column_names([*header, *[""] * surplus]))


def reader_of(stream: Iterable[str], layout: Layout) -> CsvReader:
    """Return the standard library's reader for a layout whose separator is not white space."""
    # The limit is the library's, for the whole process; it only ever goes up.
    csv.field_size_limit(max(csv.field_size_limit(), CELL_CEILING))
    return csv.reader(stream, delimiter=layout.separator, quotechar=layout.quote, skipinitialspace=layout.skip_blanks)


def column_names(header: list[str]) -> tuple[str, ...]:
    """Make every name usable and unique: "column 3" for an empty one, "Phone (2)" for the second "Phone"."""
    names: list[str] = []
    taken = {" ".join(cell.split()) for cell in header}
    for place, cell in enumerate(header, start=1):
        plain = " ".join(unprefix(cell).split()) or f"column {place}"
        name, count = plain, 1
        while name in names or (count > 1 and name in taken):
            count += 1
            name = f"{plain} ({count})"
        names.append(name)
    return tuple(names)


def _up_to_last_line(sample: str) -> str:
    """Leave out the last line, which may be cut in two, unless it is the only one."""
    cut = max(sample.rfind("\n"), sample.rfind("\r"))
    return sample[: cut + 1] if cut > 0 else sample


def _separator(lines: list[str], known: frozenset[str], *, quoted: bool) -> str:
    """Choose the separator that gives a known header, else the one that parts most lines alike."""
    best, best_score = "", (0, 0.0, 0)
    for candidate in SEPARATORS:
        counts = Counter(count for line in lines if (count := line.count(candidate)))
        if not counts:
            continue
        usual, often = max(counts.items(), key=lambda pair: (pair[1], pair[0]))
        hits = max(_hits(line.split(candidate), known) for line in lines[:ROWS_ABOVE_HEADER])
        score = (min(hits, 2), often / len(lines), usual)
        if score > best_score:
            best, best_score = candidate, score
    if best_score[0] < 2 and best_score[1] < 0.5 and not quoted and _is_aligned(lines):
        return WHITE_SPACE
    return best or SEPARATORS[0]


def _is_aligned(lines: list[str]) -> bool:
    """Whether lines are columns lined up with blanks: as many words in each, and wide gaps in most.

    Two words with one blank between them ("Anna Ek") are one cell.
    """
    widths = {len(line.split()) for line in lines}
    gaps = sum(1 for line in lines if "  " in line.strip() or "\t" in line.strip())
    return len(widths) == 1 and widths.pop() > 1 and gaps * 2 >= len(lines) and len(lines) > 1


def _hits(cells: list[str], known: frozenset[str]) -> int:
    """Count the cells that are words of a header."""
    return sum(1 for cell in cells if len(cell) < 100 and header_key(cell) in known)


def _apostrophes_quote(sample: str) -> bool:
    """Whether cells are quoted with apostrophes: each that begins with one ends with one."""
    begun = len(_APOSTROPHE_CELL.findall(sample))
    return begun > 0 and begun == len(_APOSTROPHE_QUOTED.findall(sample))


def _spaced_quotes(sample: str) -> bool:
    """Whether a blank stands between a separator and a quotation mark outside of quoted cells."""
    return any(match.group(0)[1:2] == " " and match.group(1) for match in _QUOTED.finditer(sample))


def _rows(sample: str, layout: Layout) -> list[tuple[int, list[str]]]:
    """Return (lines before it, cells) of the first rows that have anything in them."""
    rows: list[tuple[int, list[str]]] = []
    if layout.separator == WHITE_SPACE:
        split = [line.split() for line in _LINE_END.split(sample)[:LINES_LOOKED_AT]]
        return [(before, cells) for before, cells in enumerate(split) if cells]
    text = io.StringIO(sample, newline="")
    for _ in range(layout.preamble_lines):
        text.readline()
    reader = csv.reader(text, delimiter=layout.separator, quotechar=layout.quote, skipinitialspace=layout.skip_blanks)
    before = layout.preamble_lines
    for cells in reader:
        if any(cell.strip() for cell in cells):
            rows.append((before, cells))
        before = layout.preamble_lines + reader.line_num
        if len(rows) == LINES_LOOKED_AT:
            break
    return rows


def _header_row(rows: list[list[str]], known: frozenset[str]) -> int:
    """Return the place of the header among rows that are not empty (see ``look_at``)."""
    widths = Counter(len(cells) for cells in rows)
    usual = max(widths.items(), key=lambda pair: (pair[1], pair[0]))[0]
    filled = [sum(1 for cell in cells if cell.strip()) for cells in rows[:ROWS_ABOVE_HEADER]]
    widest_above = 0
    for place, count in enumerate(filled):
        if count > widest_above and _hits(rows[place], known) >= 2:
            return place
        widest_above = max(widest_above, count)
    return next((place for place, count in enumerate(filled) if count * 2 >= usual), 0)


def _surplus(width: int, rows: list[list[str]]) -> int:
    """Return how many empty cells every row has beyond the header (a separator at each line's end)."""
    extra = {len(cells) - width for cells in rows}
    if len(extra) != 1 or (surplus := extra.pop()) <= 0:
        return 0
    return 0 if any(cell for cells in rows for cell in cells[width:]) else surplus
