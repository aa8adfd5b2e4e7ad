"""Who brought whom as a graph for other programs: Mermaid and DOT. A name can hold whatever people type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from refertrack.reports.network import Node
from refertrack.rules.text import safe

# What Mermaid reads as its own, even within quotation marks.
_MERMAID = {character: f"#{ord(character)};" for character in '"#<>&\\`|[](){}*_~'}
_DOT = {'"': '\\"', "\\": "\\\\"}

Words = Callable[[Node], str]


def mermaid(nodes: Iterable[Node], words: Words) -> Iterator[str]:
    """Give the lines of a Mermaid graph; ``words`` says what stands in a node below its name."""
    yield "graph TD"
    for node, first in _once(nodes):
        if first:
            label = "<br/>".join(_escaped(part, _MERMAID) for part in (node.name, words(node)) if part)
            yield f'  c{node.id}["{label}"]'
        if node.referrer_id is not None:
            yield f"  c{node.referrer_id} --> c{node.id}"


def dot(nodes: Iterable[Node], words: Words) -> Iterator[str]:
    """Give the lines of a DOT graph; ``words`` says what stands in a node below its name."""
    yield "digraph network {"
    yield "  node [shape=box];"
    for node, first in _once(nodes):
        if first:
            label = "\\n".join(_escaped(part, _DOT) for part in (node.name, words(node)) if part)
            yield f'  c{node.id} [label="{label}"];'
        if node.referrer_id is not None:
            yield f"  c{node.referrer_id} -> c{node.id};"
    yield "}"


def _once(nodes: Iterable[Node]) -> Iterator[tuple[Node, bool]]:
    seen: set[int] = set()
    for node in nodes:
        yield node, node.id not in seen
        seen.add(node.id)


def _escaped(text: str, special: dict[str, str]) -> str:
    return "".join(special.get(character, character) for character in safe(text))
