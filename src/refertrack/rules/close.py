"""Close spellings: what somebody may have meant."""

from __future__ import annotations

from collections.abc import Sequence

CLOSE = 60


def close_to(word: str, known: Sequence[str], limit: int = 3) -> list[str]:
    """Return the known words that are spelt like a word, the nearest first."""
    from rapidfuzz import process

    found = process.extract(word.casefold(), [each.casefold() for each in known], limit=limit, score_cutoff=CLOSE)
    return [known[place] for _, _, place in found]
