"""Why customers do not refer: the shipped list, and what a reason of one's own must look like."""

from __future__ import annotations

import re
from collections.abc import Mapping

from refertrack.rules.errors import BadValue
from refertrack.rules.text import NAME_LIMIT, clean

NO_ONE, OTHER = "no_one", "other"
# Code and words; a business adds its own with `reasons --add`.
SHIPPED: Mapping[str, str] = {
    "not_asked_before": "not asked before",
    NO_ONE: "no one in mind",
    "reputation": "reputation risk",
    "privacy": "privacy",
    "bad_experience": "past bad experience",
    "complaint": "unresolved complaint",
    "incentive": "dislikes incentives",
    "unclear": "does not know what we do",
    "competitor": "competitor tie",
    OTHER: "other",
}
# The program itself gives these.
KEPT = frozenset({NO_ONE, OTHER})
_CODE = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")


def check_code(text: str) -> str:
    """Return a reason's code.

    Raises:
        BadValue: it is no short word of small letters, digits and underscores.

    """
    code = text.strip().casefold().replace("-", "_")
    if not _CODE.fullmatch(code):
        raise BadValue(
            f'"{text}" is no code for a reason.',
            'A short word of letters, digits and _, as in: refertrack reasons --add too_busy "has no time"',
            field="code",
        )
    return code


def check_words(text: str) -> str:
    """Return a reason's words.

    Raises:
        BadValue: they are empty or too long.

    """
    words = clean(text, field="reason", limit=NAME_LIMIT)
    if not words:
        raise BadValue("A reason needs words.", 'refertrack reasons --add too_busy "has no time"', field="reason")
    return words
