"""The one renderer: owns stdout, stderr and how things look in a terminal, in a pipe, as JSON and as CSV."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import StringIO
from typing import Any, Literal, TextIO

from refertrack.cli.environment import Environment
from refertrack.cli.options import Options
from refertrack.rules.errors import BadValue, RefertrackError
from refertrack.rules.text import safe, safe_block, safe_json

RICH_ROWS = 120  # a Rich table costs 0.65 ms a row: longer lists are plain lines
MOST_FITTED = 1_000  # unless they are too wide for that
Record = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """A column on a terminal: its title, and the words for a record, perhaps on several lines."""

    title: str
    cell: Callable[[Record], str]
    right: bool = False
    style: Callable[[Record], str] = field(default=lambda _record: "")
    width: int = 0  # how wide it is, where that is settled


@dataclass(frozen=True)
class Listing:
    """Records with stable keys, and the columns that a terminal shows of them; ``fitted`` to its width if so wished."""

    fields: tuple[str, ...]
    records: Sequence[Record]
    columns: tuple[Column, ...]
    gap: int = 2
    fitted: bool = False


class ReaderGone(Exception):
    """Whoever reads what we print (head, less) has seen enough: no failure, and nothing more to do."""


class Screen:
    """Where a command's results go."""

    def __init__(
        self, environment: Environment, options: Options, wished_colour: Callable[[], str] = lambda: ""
    ) -> None:
        self.mode = _mode(environment, options)
        self.quiet = options.quiet
        self.raw = options.raw
        self.out: TextIO = sys.stdout
        self.err: TextIO = sys.stderr
        self.interactive = environment.in_terminal and not options.no_input
        self.terminal = environment.out_terminal
        self.color = _color(environment, options, wished_colour)
        self.width = _width(environment)
        self.paged = self.mode == "table"
        self._environment = environment
        self._held: list[str] = []

    def listing(self, listing: Listing) -> None:
        """Show a list in the form that was asked for."""
        if self.mode == "json":
            records = [{name: _json_value(record.get(name)) for name in listing.fields} for record in listing.records]
            self._json(records)
        elif self.mode == "csv":
            self._csv(listing)
        elif self.mode == "plain":
            for record in listing.records:
                self.write("\t".join(_flat(record.get(name)) for name in listing.fields))
        else:
            self._table(listing)

    def record(self, record: Record, shown: Callable[[], None]) -> None:
        """Show one thing: as JSON, as lines of key and value in a pipe, else as ``shown`` paints it."""
        if self.mode == "json":
            self._json({name: _json_value(value) for name, value in record.items()})
        elif self.mode == "csv":
            self._csv(Listing(tuple(record), [record], ()))
        elif self.mode == "plain":
            for name, value in record.items():
                self._plain_entry(name, value)
        else:
            shown()

    def _plain_entry(self, name: str, value: Any) -> None:
        if isinstance(value, list | tuple) and value and isinstance(value[0], Mapping):
            for each in value:
                self.write("\t".join([name, *(_flat(part) for part in each.values())]))
        else:
            self.write(f"{name}\t{_flat(value)}")

    def changed(self, sentence: str, record: Record, hint: str = "") -> None:
        """Say what a command has done: a sentence on stderr, or the changed thing as JSON on stdout."""
        if self.mode == "json":
            self._json({name: _json_value(value) for name, value in record.items()})
            return
        self.say(sentence)
        if hint:
            self.hint(hint)

    def changes(self, results: Sequence[tuple[str, Record]], hint: str = "") -> None:
        """Say what a command has done to several things: a sentence each, or a JSON list."""
        if self.mode == "json":
            self._json([{name: _json_value(value) for name, value in record.items()} for _, record in results])
            return
        for sentence, _ in results:
            self.say(sentence)
        if hint:
            self.hint(hint)

    def say(self, sentence: str) -> None:
        """Print a message for the person (stderr); -q silences it."""
        if not self.quiet:
            self._err(safe_block(sentence))

    def hint(self, words: str) -> None:
        """Print the next command that one would type: on a terminal only."""
        if not self.quiet and self.mode == "table":
            self._err("\n" + self._dim(safe_block(words)))

    def text(self, words: str) -> None:
        """Print data that is text, such as a letter; on a terminal its paragraphs are wrapped."""
        lines = safe_block(words).split("\n")
        if self.mode == "table":
            import textwrap

            width = min(self.width, 80)
            lines = [part for line in lines for part in textwrap.wrap(line, width, break_on_hyphens=False) or [""]]
        self.write("\n".join(lines))

    def raw_text(self, text: str) -> None:
        """Print data that another program reads exactly as it is, such as a mail file; a terminal gets it safe."""
        try:
            self.out.write(safe_block(text) if self.terminal else text)
        except BrokenPipeError as error:
            raise ReaderGone from error

    def heading(self, words: str) -> None:
        """Print a title above a table, on a terminal only."""
        if self.mode == "table":
            self.write(self._bold(safe(words)))

    def line(self, words: str = "") -> None:
        """Print a line of prose that belongs to what is shown, on a terminal only."""
        if self.mode == "table":
            self.write(safe(words))

    def error(self, error: RefertrackError) -> None:
        """Print an error: a sentence and a hint, or one JSON object; always on stderr."""
        if self.mode == "json":
            body: dict[str, Any] = {"code": error.code, "message": error.message, "hint": error.hint}
            candidates = getattr(error, "candidates", ())
            if candidates:
                body["candidates"] = [{"id": number, "words": words} for number, words in candidates]
            self._err(safe_json(json.dumps(body, ensure_ascii=False)))
            return
        self._err(safe_block(error.message))
        for number, words in getattr(error, "candidates", ()):
            self._err(f"  {number}  {safe(words)}")
        if error.hint:
            self._err(safe_block(error.hint))

    def confirm(self, question: str) -> bool:
        """Ask a question on stderr; only where ``interactive``."""
        self.close()
        self.err.write(f"{safe(question)} [y/N] ")
        self.err.flush()
        return sys.stdin.readline().strip().casefold() in {"y", "yes"}

    def ask(self, question: str, default: str = "") -> str:
        """Ask for a value on stderr; an empty answer gives the default. Only where ``interactive``."""
        self.close()
        end = f" [{safe(default)}]: " if default else " " if question.endswith("?") else ": "
        self.err.write(f"{safe(question)}{end}")
        self.err.flush()
        line = sys.stdin.readline()
        if not line:
            raise KeyboardInterrupt
        return line.strip() or default

    def write(self, line: str) -> None:
        """Write a line that is already safe to stdout; on a terminal it waits for ``close``, which may page."""
        if self.paged:
            self._held += line.split("\n")
            return
        try:
            self.out.write(line + "\n")
        except BrokenPipeError as error:
            raise ReaderGone from error

    def close(self) -> None:
        """Bring what was written to the person: through the pager, if it is longer than the screen."""
        if not self._held:
            return
        lines, self._held = self._held, []
        if len(lines) >= _height():
            from refertrack.cli.pager import page

            if page(lines, self._environment):
                return
        try:
            self.out.write("\n".join(lines) + "\n")
            self.out.flush()
        except BrokenPipeError as error:
            raise ReaderGone from error

    def _err(self, line: str) -> None:
        self.close()
        self.err.write(line + "\n")

    def _json(self, value: Any) -> None:
        self.write(safe_json(json.dumps(value, ensure_ascii=False, indent=2)))

    def _csv(self, listing: Listing) -> None:
        from refertrack.exchange.csvwrite import write_rows

        rows = ([_cell(record.get(name)) for name in listing.fields] for record in listing.records)
        try:
            if not self.terminal:
                write_rows(listing.fields, rows, self.out, raw=self.raw)
                return
            shown = StringIO(newline="")  # a file gets all as it is, a person's terminal does not
            write_rows(listing.fields, rows, shown, raw=self.raw)
            self.out.write(safe_block(shown.getvalue()))
        except BrokenPipeError as error:
            raise ReaderGone from error

    def _table(self, listing: Listing) -> None:
        cells = [[_lines(column.cell(record)) for column in listing.columns] for record in listing.records]
        if not cells:
            return
        if len(cells) > (MOST_FITTED if listing.fitted else RICH_ROWS):
            self._plain_table(listing, cells)
            return
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, padding=(0, listing.gap, 0, 0), header_style="dim", show_edge=False)
        for column in listing.columns:
            justify: Literal["right", "left"] = "right" if column.right else "left"
            table.add_column(Text(column.title), justify=justify, overflow="fold", width=column.width or None)
        for record, row in zip(listing.records, cells, strict=True):
            styled = zip(listing.columns, row, strict=True)
            table.add_row(*(Text(words, style=column.style(record)) for column, words in styled))
        drawn = StringIO()
        console = Console(
            file=drawn, width=self.width, force_terminal=self.color, no_color=not self.color, highlight=False
        )
        console.print(table)
        for line in drawn.getvalue().splitlines():
            self.write(line.rstrip())

    def _plain_table(self, listing: Listing, cells: list[list[str]]) -> None:
        flat = [[words.replace("\n", ", ") for words in row] for row in cells]
        titles = [column.title for column in listing.columns]
        widths = [min(max(map(_cells, each)), 40) for each in zip(titles, *flat, strict=True)]
        for row in [titles, *flat]:
            padded = (
                f"{' ' * (width - _cells(words))}{words}" if column.right else f"{words}{' ' * (width - _cells(words))}"
                for words, width, column in zip(row, widths, listing.columns, strict=True)
            )
            self.write("  ".join(padded).rstrip())

    def _dim(self, words: str) -> str:
        return f"\x1b[2m{words}\x1b[0m" if self.color else words

    def _bold(self, words: str) -> str:
        return f"\x1b[1m{words}\x1b[0m" if self.color else words


def _cells(words: str) -> int:
    """Return how many cells of a terminal words take."""
    if words.isascii():
        return len(words)
    from rich.cells import cell_len

    return cell_len(words)


def _mode(environment: Environment, options: Options) -> str:
    if options.json:
        return "json"
    if options.csv:
        return "csv"
    return "plain" if options.plain or not environment.out_terminal else "table"


def _color(environment: Environment, options: Options, wished: Callable[[], str]) -> bool:
    """Whether to colour: as an option says, else a variable, else the person's file, else on a terminal."""
    wish = "never" if options.no_color else options.color
    if wish not in {"", "auto", "always", "never"}:
        raise BadValue(f'"{wish}" is no way to colour.', "Say always, auto or never.", field="color")
    if wish in {"always", "never"}:
        return wish == "always"
    if not environment.out_terminal or environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return False
    return wish == "auto" or wished() != "never"


def _width(environment: Environment) -> int:
    if environment.get("COLUMNS").isdecimal() and int(environment.get("COLUMNS")) >= 20:
        return int(environment.get("COLUMNS"))
    import shutil

    return shutil.get_terminal_size((80, 24)).columns


def _height() -> int:
    import shutil

    return shutil.get_terminal_size((80, 24)).lines


def _lines(words: str) -> str:
    return "\n".join(safe(line) for line in words.split("\n"))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(_cell(each) for each in value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _flat(value: Any) -> str:
    return safe(_cell(value))


def _json_value(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_json_value(each) for each in value]
    if isinstance(value, Mapping):
        return {key: _json_value(each) for key, each in value.items()}
    return value
