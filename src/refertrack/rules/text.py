"""Text: what may come in, and what is safe to show."""

from __future__ import annotations

import re
import unicodedata

from refertrack.rules.errors import BadValue

NAME_LIMIT = 200
NOTE_LIMIT = 20_000

# Characters that steer a terminal or turn the direction of a line, and those that nobody sees. Joiners
# (U+200C, U+200D) stay: scripts and emoji need them.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_HALVES = re.compile("[\ud800-\udfff]")
_NAMED = {"\n": "⏎", "\t": " ", "\r": "␍", "\x1b": "␛", "\x7f": "␡"}


def safe(text: str) -> str:
    r"""Return text that can be shown on one line of any terminal or pipe.

    Control characters become visible (ESC is ␛, a line break ⏎, others a ``\x9b`` or ``\u202e``);
    letters of all scripts, combining marks and emoji stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return _UNSEEN.sub(_visible, text)


def safe_block(text: str) -> str:
    """Return text that can be shown over several lines; only line breaks pass, tabs become blanks."""
    return "\n".join(safe(line) for line in text.replace("\r\n", "\n").split("\n"))


def safe_json(text: str) -> str:
    """Return JSON with the characters that nobody sees written as escapes, which mean the same to its reader."""
    return _UNSEEN.sub(lambda match: match.group() if match.group() == "\n" else _escape(match.group()), text)


def _escape(character: str) -> str:
    """Write a character as JSON escapes: one, or two for one beyond the sixteen bits of an escape."""
    halves = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{halves[place : place + 4]}" for place in range(0, len(halves), 4))


def _visible(match: re.Match[str]) -> str:
    character = match.group()
    if character in _NAMED:
        return _NAMED[character]
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def without_accents(text: str) -> str:
    """Return text without the marks above and below its letters: Núñez is Nunez."""
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFD", text)
    return apart.translate(dict.fromkeys(ord(letter) for letter in set(apart) if unicodedata.combining(letter)))


def clean(text: str, *, field: str, limit: int = NAME_LIMIT) -> str:
    """Return what a person typed without white space around it, otherwise as typed.

    Raises:
        BadValue: it holds NUL or half a character, or is longer than ``limit`` characters.

    """
    kept = text.strip()
    if "\x00" in kept:
        raise BadValue(f"The {field} holds a NUL character.", "Type it again without it.", field=field)
    if not kept.isascii() and _HALVES.search(kept):
        raise BadValue(f"The {field} holds half a character (bad encoding).", "Type it again as UTF-8.", field=field)
    if len(kept) > limit:
        raise BadValue(f"The {field} has {len(kept):,} characters; the limit is {limit:,}.", "Shorten it.", field=field)
    return kept
