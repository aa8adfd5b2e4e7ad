"""The languages that people read: their codes, and how they are called. Loads Babel only for one written out."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from refertrack.rules.errors import BadValue
from refertrack.rules.text import without_accents

if TYPE_CHECKING:
    from babel import Locale

ENGLISH = "en"
SHIPPED = ("de", "es", "fr", "sv")  # beside English
_CODE = re.compile(r"([a-z]{2,3})(?:[-_]([a-z0-9]{2,8}))?")
_SPACED = re.compile(r"([a-z]{2}) ([a-z]{2})")
_END = re.compile(r"[(\[;,./]")  # French (France); Spanish; Castilian; fr_FR.UTF-8
_ALSO = {"castellano": "es", "castilian": "es"}


def codes(language: str) -> tuple[str, ...]:
    """Return the codes that a customer's language has in the names of letters, the closest first: pt-br, pt.

    What people and other programs write is understood: sv, swe, sv_SE.UTF-8, "es MX", "Swedish", "svenska",
    "French (France)", "francais". A language that is written out is known by Babel.
    """
    words = _END.split(language.casefold())[0].strip()
    code = _CODE.fullmatch(words) or _SPACED.fullmatch(words)
    if code:
        base = _short(code[1])
        return (f"{base}-{code[2]}", base) if code[2] else (base,)
    found = _named(_folded(words)) if words else ""
    return codes(found) if found else ()


def _short(code: str) -> str:
    """Return the two letters of a language for its three (swe, fre), where it has two."""
    if len(code) == 2:
        return code
    from babel.core import get_global

    short = str(get_global("language_aliases").get(code, code))
    return short if len(short) == 2 else code


def language_name(code: str) -> str:
    """Return what a language is called in English; the code itself where nobody knows it."""
    from babel import Locale

    base = code.partition("-")[0]
    return str(Locale(ENGLISH).languages.get(base, code))


def check_language(text: str) -> str:
    """Return the code of a language.

    Raises:
        BadValue: there is no such language.

    """
    found = codes(text)
    if not found or locale_of(found[-1]) is None:
        raise BadValue(f'"{text}" is no language.', "Give its name or its code: Swedish, sv", field="language")
    return found[0]


@lru_cache(maxsize=256)
def _named(name: str) -> str:
    """Return the code of a language by its name in English, in one that letters ship in, or in its own; else ""."""
    for code in (ENGLISH, *SHIPPED):
        found = _names_in(code).get(name)
        if found:
            return found
    return _own_names().get(name, "")


@lru_cache(maxsize=8)
def _names_in(code: str) -> dict[str, str]:
    """Return the codes of all languages by their names in one of them; of two with one name the shorter."""
    from babel import Locale

    names = sorted(Locale(code).languages.items(), key=lambda item: -len(item[0]))
    return {**{_folded(name): each for each, name in names}, **_ALSO}


@lru_cache(maxsize=1)
def _own_names() -> dict[str, str]:
    """Return the codes of languages by their own names."""
    found = {}
    for code in sorted(each for each in _names_in(ENGLISH).values() if len(each) <= 3):
        locale = locale_of(code)
        if locale is not None and locale.language_name:
            found[_folded(locale.language_name)] = code
    return found


def _folded(name: str) -> str:
    """Return a name without its accents: francais."""
    return " ".join(without_accents(name.casefold()).split())


@lru_cache(maxsize=32)
def locale_of(language: str) -> Locale | None:
    """Return Babel's locale for a language's code, None where it knows none."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(language, sep="-" if "-" in language else "_")
    except (UnknownLocaleError, ValueError):
        return None
