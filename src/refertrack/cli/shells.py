"""What is offered after Tab, written for each shell: a name is data, and must stay data in every one of them.

Typer's own writers hand help texts to Rich, and give zsh a list that it evaluates. Names come from files of
strangers, so only letters, digits and a few signs pass here; what holds anything else is not offered.
"""

from __future__ import annotations

import re
from typing import Any

from typer._click.shell_completion import CompletionItem, add_completion_class
from typer._completion_classes import BashComplete, FishComplete, ZshComplete

_PLAIN = re.compile(r"[\w .,@+/#-]*")
_HARMFUL = re.compile(r"[^\w .,@+/#-]")


def plain(items: list[CompletionItem]) -> list[CompletionItem]:
    """Return what may be offered: plain words, with a plain help."""
    return [
        CompletionItem(item.value, item.type, _HARMFUL.sub(" ", item.help) if item.help else None)
        for item in items
        if _PLAIN.fullmatch(item.value)
    ]


class Bash(BashComplete):
    """Bash puts a word in as it is: blanks are escaped here."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Find what may be offered."""
        return plain(super().get_completions(args, incomplete))

    def format_completion(self, item: CompletionItem) -> str:
        """Write one word."""
        return str(item.value).replace(" ", "\\ ")


class Zsh(ZshComplete):
    """Zsh evaluates a list of words with their help, a colon between them."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Find what may be offered."""
        return plain(super().get_completions(args, incomplete))

    def format_completion(self, item: CompletionItem) -> str:
        """Write one word and its help."""
        return f'"{item.value}":"{item.help}"' if item.help else f'"{item.value}"'


class Fish(FishComplete):
    """Fish reads a word, a tab and its help from each line."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        """Find what may be offered."""
        return plain(super().get_completions(args, incomplete))

    def format_completion(self, item: CompletionItem) -> str:
        """Write one word and its help."""
        return f"{item.value}\t{item.help}" if item.help else str(item.value)


def use() -> None:
    """Let the shells be written to as here."""
    writers: tuple[tuple[str, Any], ...] = (("bash", Bash), ("zsh", Zsh), ("fish", Fish))
    for name, writer in writers:
        add_completion_class(writer, name)
