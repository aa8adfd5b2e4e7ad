"""A file of text as it comes from outside: its encoding, its digest, and a clear word where it is no text."""

from __future__ import annotations

import codecs
import hashlib
import io
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from refertrack.rules.errors import BadValue, FileTrouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHUNK = 1 << 20
BUFFER = 1 << 16
SAMPLE_BYTES = 1 << 18
SAVE_AS_CSV = "Open it in the program it comes from and save it as CSV (UTF-8)."

# How files begin that are often taken for CSV, in words for the person who gave one.
_FOREIGN: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "a spreadsheet (.xlsx, .ods) or a zip file", SAVE_AS_CSV),
    (b"PK\x05\x06", "an empty zip file", SAVE_AS_CSV),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Outlook file", SAVE_AS_CSV),
    (b"%PDF", "a PDF", SAVE_AS_CSV),
    (b"\x1f\x8b", "a compressed file (gzip)", "Unpack it first: gunzip FILE"),
    (b"SQLite format 3\x00", "a database", "Export its table as CSV."),
)
_FOREIGN_TEXT: tuple[tuple[bytes, str, str], ...] = (
    (b"begin:vcard", "a file of vCards", "Give it the ending .vcf, or export the contacts as CSV."),
    (b"<!doctype", "a web page", SAVE_AS_CSV),
    (b"<html", "a web page", SAVE_AS_CSV),
    (b"<?xml", "an XML file", SAVE_AS_CSV),
    (b"{", "JSON", SAVE_AS_CSV),
    (b"[{", "JSON", SAVE_AS_CSV),
    (b'["', "JSON", SAVE_AS_CSV),
)
# UTF-32's mark begins with UTF-16's, so it is looked for first.
_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = bytes(range(9)) + bytes(range(14, 27)) + bytes(range(28, 32))
# The code pages asked about where the letters are not Latin. Among Latin ones a guess is no better than a coin.
_NON_LATIN = ["cp1251", "cp1253", "cp1255", "cp1256", "cp932", "cp949", "gb18030", "big5", "koi8_r"]


@dataclass(frozen=True)
class Source:
    """A readable text: ``open_text`` begins at its first character, as often as wanted."""

    name: str
    size: int
    sha256: str
    encoding: str
    open_bytes: Callable[[], BinaryIO] = field(repr=False)

    def open_text(self) -> io.TextIOWrapper:
        """Open as text with the line ends left as they are."""
        return io.TextIOWrapper(self.open_bytes(), encoding=self.encoding, newline="")

    def sample(self) -> tuple[str, bool]:
        """Return the first ``SAMPLE_BYTES`` as text, and whether that is all of it."""
        with self.open_bytes() as stream:
            head = stream.read(SAMPLE_BYTES)
        whole = len(head) >= self.size
        return codecs.getincrementaldecoder(self.encoding)().decode(head, final=whole), whole


def open_source(source: Path | BinaryIO, *, encoding: str = "") -> Source:
    """Read a file (or a stream such as standard input) once through and say how to read it as text.

    A regular file is read in pieces. A stream can be read only once, so it is kept in memory, which leaves
    no copy of people's data on the disk. ``encoding`` overrides what the bytes suggest.

    Raises FileTrouble for what is missing, a folder, unreadable, empty, no text, or damaged (with line and
    character), BadValue for an encoding that does not exist.
    """
    name, open_bytes = _opener(source)
    if encoding:
        _known_encoding(encoding)
    with open_bytes() as stream:
        head = stream.read(CHUNK)
    _refuse_foreign(name, head)
    marked = next((codec for mark, codec in _MARKS if head.startswith(mark)), "")
    chosen = encoding or marked or "utf-8"
    first = _first_pass(open_bytes, chosen)
    if first.broken and not (encoding or marked):
        chosen = _code_page(name, open_bytes)
        first = _first_pass(open_bytes, chosen)
    if first.broken:
        raise _damaged(name, open_bytes, chosen)
    if first.has_nul:
        raise _nul(name, open_bytes, chosen)
    if first.blank:
        raise FileTrouble(f"{name} is empty.", "Export it again, and look whether it has rows.")
    return Source(name=name, size=first.size, sha256=first.sha256, encoding=chosen, open_bytes=open_bytes)


def read_trouble(name: str, error: OSError) -> FileTrouble:
    """Turn what the system says about a file into a sentence and a hint."""
    if isinstance(error, FileNotFoundError):
        return FileTrouble(f"There is no file {name}.", "Check the spelling and the folder.")
    if isinstance(error, IsADirectoryError):
        return FileTrouble(f"{name} is a folder.", "Name one file in it.")
    if isinstance(error, PermissionError):
        return FileTrouble(f"{name} may not be read by you.", "Ask its owner, or copy it to a place of yours.")
    return FileTrouble(f"{name} cannot be read: {error.strerror or error}.", "Copy it to another place and try again.")


def _opener(source: Path | BinaryIO) -> tuple[str, Callable[[], BinaryIO]]:
    """Return the name for messages, and a function that opens the bytes from their beginning."""
    name = str(source) if isinstance(source, Path) else "standard input"
    try:
        if isinstance(source, Path):
            if stat.S_ISREG(source.stat().st_mode):
                source.open("rb").close()
                return name, lambda: _opened(source)
            with source.open("rb") as stream:
                kept = stream.read()
        else:
            kept = source.read()
    except OSError as error:
        raise read_trouble(name, error) from error
    return name, lambda: io.BytesIO(kept)


class _Telling(io.FileIO):
    """A file that says which one it is where the system cannot read on in it."""

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer, as the base does."""
        try:
            return super().readinto(buffer)
        except OSError as error:
            raise read_trouble(str(self.name), error) from error

    def readall(self) -> bytes:
        """Read all that is left, as the base does."""
        try:
            return super().readall()
        except OSError as error:
            raise read_trouble(str(self.name), error) from error


def _opened(path: Path) -> BinaryIO:
    try:
        return io.BufferedReader(_Telling(path), BUFFER)
    except OSError as error:
        raise read_trouble(str(path), error) from error


def _known_encoding(encoding: str) -> None:
    """Refuse the name of an encoding that Python does not know."""
    try:
        if codecs.lookup(encoding)._is_text_encoding:  # noqa: SLF001  the only place that tells hex from text
            return
    except LookupError:
        pass
    raise BadValue(f'"{encoding}" is no encoding.', "For example utf-8, cp1252 or utf-16.", field="encoding")


def _refuse_foreign(name: str, head: bytes) -> None:
    """Raise FileTrouble for what is known to be no table of text."""
    start = b"".join(head[:512].removeprefix(codecs.BOM_UTF8).split()).lower()
    for table, begin in ((_FOREIGN, head), (_FOREIGN_TEXT, start)):
        for mark, what, hint in table:
            if begin.startswith(mark):
                raise FileTrouble(f"{name} is {what}, not CSV.", hint)
    if head.startswith(tuple(mark for mark, _ in _MARKS)):
        return
    # A stray NUL in a text is told with its line; many of them, with other controls, are no text at all.
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if 0 in head and controls > 16 and controls * 20 > len(head):
        raise FileTrouble(f"{name} is no text: it is full of bytes that are no letters.", SAVE_AS_CSV)


@dataclass(frozen=True)
class _FirstPass:
    """What one reading of all the bytes has shown."""

    sha256: str
    size: int
    broken: bool
    has_nul: bool
    blank: bool


def _first_pass(open_bytes: Callable[[], BinaryIO], encoding: str) -> _FirstPass:
    """Read all bytes once: digest, whether they are text of this encoding, and whether there is anything."""
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder(encoding)()
    size, broken, has_nul, blank = 0, False, False, True
    with open_bytes() as stream:
        while True:
            chunk = stream.read(CHUNK)
            digest.update(chunk)
            size += len(chunk)
            if not broken:
                try:
                    text = decoder.decode(chunk, final=not chunk)
                except UnicodeError:
                    broken = True
                else:
                    has_nul = has_nul or "\0" in text
                    blank = blank and not text.strip()
            if not chunk:
                return _FirstPass(digest.hexdigest(), size, broken, has_nul, blank)


def _code_page(name: str, open_bytes: Callable[[], BinaryIO]) -> str:
    """Name the code page of a text that is not UTF-8.

    Raises FileTrouble where the text is UTF-8 with a damaged place: read as a code page, every name with an
    accent would come out wrong.
    """
    good = bad = high = joined = 0
    lines: list[bytes] = []
    with open_bytes() as stream:
        for whole_line in stream:
            line = whole_line[:CHUNK]
            if line.isascii():
                continue
            for character in line.decode("utf-8", "surrogateescape"):
                if "\udc80" <= character <= "\udcff":
                    bad += 1
                elif character > "\x7f":
                    good += 1
            before = False
            for byte in line:
                high += byte > 127
                joined += before and byte > 127
                before = byte > 127
            lines.append(line)
            if len(lines) == 2000:  # enough to tell, and a limit to what is kept
                break
    if good > bad:
        raise _damaged(name, open_bytes, "utf-8")
    # In Latin script letters with accents stand alone; elsewhere they stand side by side.
    if joined * 2 < high:
        return "cp1252"
    from charset_normalizer import from_bytes  # seldom needed, and slow to load

    best = from_bytes(b"".join(lines)[:CHUNK], cp_isolation=_NON_LATIN, threshold=0.3).best()
    return best.encoding if best is not None else "cp1252"


def _text_lines(open_bytes: Callable[[], BinaryIO], encoding: str) -> Iterator[str]:
    """Yield lines with each byte that is no text of this encoding as one lone surrogate (or U+FFFD)."""
    errors = "replace" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
    with io.TextIOWrapper(open_bytes(), encoding=encoding, errors=errors, newline="") as stream:
        yield from stream


def _damaged(name: str, open_bytes: Callable[[], BinaryIO], encoding: str) -> FileTrouble:
    """Say where the first byte stands that is no text of this encoding."""
    where = ""
    for number, line in enumerate(_text_lines(open_bytes, encoding), start=1):
        column = next((i for i, c in enumerate(line, start=1) if "\udc80" <= c <= "\udcff" or c == "\ufffd"), 0)
        if column:
            where = f": line {number}, character {column}"
            break
    return FileTrouble(
        f"{name} is not all {encoding.removesuffix('-sig').upper()}{where}.",
        "Save it as UTF-8 and try again, or correct that line.",
    )


def _nul(name: str, open_bytes: Callable[[], BinaryIO], encoding: str) -> FileTrouble:
    """Say where the first NUL stands."""
    found = ((n, line.index("\0") + 1) for n, line in enumerate(_text_lines(open_bytes, encoding), 1) if "\0" in line)
    line, column = next(found)
    return FileTrouble(
        f"{name} has a NUL character: line {line}, character {column}.",
        "Remove it, or save the file anew as CSV (UTF-8).",
    )
