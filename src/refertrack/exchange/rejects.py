"""Rows that an import could not take: written beside the file, to be put right and imported again."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

from refertrack.exchange.csvwrite import write_rows
from refertrack.store.files import safe_open

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from refertrack.exchange.csvread import Row


def rejects_path(source: Path) -> Path:
    """Return a free name beside a file: customers.rejects.csv, or customers.rejects-2.csv if that is taken."""
    count = 1
    while True:
        ending = ".rejects.csv" if count == 1 else f".rejects-{count}.csv"
        path = source.with_name(source.stem + ending)
        if not os.path.lexists(path):
            return path
        count += 1


def write_rejects(path: Path, columns: Sequence[str], rejects: Iterable[Row], *, force: bool = False) -> int:
    """Write rejected rows as CSV: the file's own columns, then ``line`` and ``reason``; return their number.

    Cells beyond the header stand in columns "beyond 1", "beyond 2" … before ``line``, since the row is to be
    put right by hand. Cells are guarded like all text that goes out; an import takes the guard off again.
    The file is written by ``files.safe_open``: whole or not at all, 0600, over nothing without ``force``.
    No rows, no file.
    """
    kept = list(rejects)
    if not kept:
        return 0
    width = max(len(columns), *(len(row.cells) for row in kept))
    beyond = [f"beyond {count}" for count in range(1, width - len(columns) + 1)]
    names = [*columns, *beyond]
    for name in ("line", "reason"):
        names.append(name if name not in names else f"{name} (import)")
    with safe_open(path, force=force) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
        rows = ([*row.cells, *[""] * (width - len(row.cells)), str(row.line), row.reason] for row in kept)
        count = write_rows(names, rows, text)
        text.detach()
    return count
