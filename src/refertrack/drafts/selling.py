"""Letters that sell nothing: the words that would break the promise."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from refertrack.rules.errors import LetterTrouble

# The letters that must not sell, whoever wrote their template.
SELLS_NOTHING = frozenset({"lost_touch_1"})
# A star stands for any ending.
SELLING_WORDS = (
    *("bargain*", "buy", "buying", "deal", "deals", "discount*", "for sale", "limited time", "new product*"),
    *("offer", "offers", "order now", "per cent off", "price", "prices", "promotion*", "purchase now", "quote"),
    *("sale", "sales", "special price*", "upgrade*", "voucher*"),
)


def selling_words(body: str, words: Sequence[str] = SELLING_WORDS) -> list[str]:
    """Return the words of selling that a text uses, as they stand in it, each once, in order.

    Args:
        body: the text.
        words: words or phrases; capitals do not matter, a star at the end stands for any ending.

    """
    patterns = [_pattern(word) for word in words if word.strip(" *")]
    if not patterns:
        return []
    found = re.findall(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", body, flags=re.IGNORECASE)
    return list({word.casefold(): word for word in reversed(found)}.values())[::-1]


def refuse_selling(name: str, body: str, fields: Mapping[str, object], words: Sequence[str]) -> None:
    """Refuse a letter that must not sell and does; names of people and businesses may hold any word.

    Raises:
        LetterTrouble: it sells.

    """
    if name not in SELLS_NOTHING:
        return
    for group in ("sender", "customer"):
        values = fields.get(group)
        if isinstance(values, Mapping):
            for value in sorted((str(value) for value in values.values()), key=len, reverse=True):
                body = body.replace(value, " ")
    found = selling_words(body, words)
    if found:
        raise LetterTrouble(
            f"{name} must not sell anything, and says {', '.join(f'“{word}”' for word in found)}.",
            "Take the words out: this letter only says that the silence was your fault.",
        )


def _pattern(word: str) -> str:
    ending = r"\w*" if word.rstrip().endswith("*") else ""
    return r"\s+".join(map(re.escape, word.strip(" *").split())) + ending
