"""Letters that sell nothing: the words that would break the promise."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from refertrack.drafts.templates import base_of
from refertrack.rules.errors import LetterTrouble
from refertrack.store.settings import load_business

if TYPE_CHECKING:
    from refertrack.drafts.render import Letter

# The letters that must not sell, whoever wrote their template.
SELLS_NOTHING = frozenset({"lost_touch_1"})

# The words of selling in the languages that letters ship in, until the business sets its own.
_FOREIGN: Mapping[str, Sequence[str]] = {
    "de": ("angebot*", "bestellen", "gutschein*", "kaufen", "preis*", "rabatt*", "sonderpreis*", "verkauf*"),
    "es": ("comprar", "cupón", "descuento*", "oferta*", "precio*", "promoción*", "rebaja*", "vender", "venta*"),
    "fr": ("acheter", "offre", "offres", "prix", "promotion*", "rabais", "remise*", "solde*", "vendre", "vente*"),
    "sv": ("erbjudande*", "köpa", "pris", "priser", "priset", "rabatt*", "rea", "sälja", "specialpris*"),
}


@lru_cache(maxsize=1)
def shipped_words() -> tuple[str, ...]:
    """Return the words of selling that hold until the business sets its own."""
    return load_business({}).selling_words


def selling_words(body: str, words: Sequence[str] | None = None) -> list[str]:
    """Return the words of selling that a text uses, as they stand in it, each once, in order.

    Args:
        body: the text.
        words: words or phrases, the shipped ones if left out; capitals do not matter, a star at the end stands
            for any ending.

    """
    patterns = [_pattern(word) for word in (shipped_words() if words is None else words) if word.strip(" *")]
    if not patterns:
        return []
    found = re.findall(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", body, flags=re.IGNORECASE)
    return list({word.casefold(): word for word in reversed(found)}.values())[::-1]


def refuse_selling(letter: Letter, fields: Mapping[str, object], words: Sequence[str] | None) -> None:
    """Refuse a letter that must not sell and does; names of people and businesses may hold any word.

    Beside the shipped words stand those of the letter's own language; a business's own words stand alone.

    Raises:
        LetterTrouble: it sells.

    """
    name = base_of(letter.template)
    if name not in SELLS_NOTHING:
        return
    body = f"{letter.subject}\n{letter.body}"
    for group in ("sender", "customer"):
        values = fields.get(group)
        if isinstance(values, Mapping):
            for value in sorted((str(value) for value in values.values()), key=len, reverse=True):
                body = body.replace(value, " ")
    shipped = words is None or tuple(words) == shipped_words()
    own = _FOREIGN.get(letter.language.partition("-")[0], ()) if shipped else ()
    found = selling_words(body, (*(shipped_words() if words is None else words), *own))
    if found:
        raise LetterTrouble(
            f"{name} must not sell anything, and says {', '.join(f'“{word}”' for word in found)}.",
            "Take the words out: this letter only says that the silence was your fault.",
        )


def _pattern(word: str) -> str:
    ending = r"\w*" if word.rstrip().endswith("*") else ""
    return r"\s+".join(map(re.escape, word.strip(" *").split())) + ending
