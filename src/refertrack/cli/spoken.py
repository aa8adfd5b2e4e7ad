"""The words of a command in the order in which they were typed, for the options that belong to each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from typer import Context
from typer.core import TyperCommand

KEY = "refertrack.words"


class SpokenCommand(TyperCommand):
    """A command that remembers its words as they came."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Keep the words, then read them as ever."""
        ctx.meta[KEY] = tuple(args)
        return super().parse_args(ctx, args)


def spoken(context: Context, options: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Give the named options and their values in the order in which they were typed."""
    words = iter(context.meta.get(KEY, ()))
    for word in words:
        name, joined, value = word.partition("=")
        if name in options:
            yield name, value if joined else next(words, "")
