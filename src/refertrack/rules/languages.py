"""The languages that people read: their codes, and how they are called. Loads Babel only for one written out."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from refertrack.rules.errors import BadValue

if TYPE_CHECKING:
    from babel import Locale

ENGLISH = "en"
_CODE = re.compile(r"([a-z]{2,3})(?:[-_]([a-z0-9]{2,8}))?")


def codes(language: str) -> tuple[str, ...]:
    """Return the codes that a customer's language has in the names of letters, the closest first: pt-br, pt.

    A language that is written out ("Swedish", "svenska") is known by Babel.
    """
    words = language.strip().casefold()
    if not words:
        return ()
    code = _CODE.fullmatch(words)
    if code:
        return (f"{code[1]}-{code[2]}", code[1]) if code[2] else (code[1],)
    found = _named().get(words)
    return (found,) if found else ()


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


@lru_cache(maxsize=1)
def _named() -> dict[str, str]:
    """Return the codes of languages by their English names and by their own."""
    from babel import Locale

    english = {name.casefold(): code for code, name in Locale(ENGLISH).languages.items() if len(code) <= 3}
    own = {}
    for code in sorted(set(english.values())):
        locale = locale_of(code)
        if locale is not None and locale.language_name:
            own[locale.language_name.casefold()] = code
    return {**own, **english}


@lru_cache(maxsize=32)
def locale_of(language: str) -> Locale | None:
    """Return Babel's locale for a language's code, None where it knows none."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(language, sep="-" if "-" in language else "_")
    except (UnknownLocaleError, ValueError):
        return None
