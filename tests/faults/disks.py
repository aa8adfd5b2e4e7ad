"""A disk as a power cut leaves it: what a command did to it, and which part of that had reached it."""

from __future__ import annotations

import codecs
import random
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from scenes import Scene, played, variables
from tracing import CALLS, Program

SECTOR = 512
Files = dict[str, bytes | None]  # by their paths within the folder; a folder has None

_FILTER = "trace=" + ",".join(f"?{name}" for name in (*CALLS, "open", "openat", "creat", "lseek", "mkdir", "mkdirat"))
_LINE = re.compile(r"(?:\d+ +)?(\w+)\((.*)\) += (-?\d+)")
_HANDLE = re.compile(r"(\d+)<([^>]*)>")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')
_AFTER = re.compile(r"[^,]*, (\d+)$")


@dataclass(frozen=True)
class Op:
    """One thing that a command did: write, cut, sync, put, take, move, link, folder, or tell (a person)."""

    kind: str
    path: str
    other: str = ""
    place: int = 0
    data: bytes = b""


def recorded(program: Program, scene: Scene) -> list[Op]:
    """Run a scene; return what it did to its folder, and when it told anything."""
    with played(scene.start) as folder:
        trace = folder.with_name("trace")
        options = ("-o", str(trace), "-e", _FILTER, "-s", str(1 << 28))
        there = {str(path.relative_to(folder)) for path in folder.rglob("*")}
        ran = program.run(folder, scene.line, variables(folder), options)
        if ran.code:
            raise RuntimeError(f"{scene.name}: {ran}")
        lines = trace.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        return list(_Reading(folder, {str(program.folder / name) for name in ("out", "err")}, there).ops(lines))


class _Reading:
    """A trace on its way to what was done: which files there are, and where in each open one the next write goes."""

    def __init__(self, folder: Path, screens: set[str], there: set[str]) -> None:
        self.folder, self.screens, self.there = folder, screens, there
        self.places: dict[int, int] = {}

    def ops(self, lines: Iterable[str]) -> Iterator[Op]:
        for line in lines:
            match = _LINE.match(line)
            if match and int(match[3]) >= 0:
                yield from self._op(match[1], match[2], int(match[3]))

    def _op(self, name: str, words: str, result: int) -> Iterator[Op]:
        if name in {"openat", "open", "creat", "mkdir", "mkdirat", "rename", "link", "unlink", "unlinkat"}:
            yield from self._of_names(name, words, result)
            return
        handle = _HANDLE.match(words)
        assert handle is not None, f"{name}({words[:80]}"
        number, path = int(handle[1]), handle[2]
        inside = self._within(path)
        if name == "lseek":
            self.places[number] = result
        elif name == "write" and path in self.screens:
            yield Op("tell", path)
        elif inside is None:
            return
        elif name in {"fsync", "fdatasync"}:
            yield Op("sync", inside)
        elif name == "ftruncate":
            yield Op("cut", inside, place=int(words.rpartition(", ")[2]))
        elif name in {"write", "pwrite64"}:
            text = _TEXT.search(words, handle.end())
            assert text is not None
            data = codecs.escape_decode(text[1].encode("utf-8", "surrogateescape"))[0][:result]  # type: ignore[attr-defined]
            at = self.places.get(number, 0) if name == "write" else int(words.rpartition(", ")[2])
            if name == "write":
                self.places[number] = at + result
            yield Op("write", inside, place=at, data=data)
        else:
            raise RuntimeError(f"{name} on {path} cannot be played again")

    def _of_names(self, name: str, words: str, result: int) -> Iterator[Op]:
        paths = [self._within(text[1]) for text in _TEXT.finditer(words)]
        if name in {"openat", "open", "creat"}:
            self.places[result] = 0
        if not paths or paths[0] is None:
            return
        first = paths[0]
        if name in {"unlink", "unlinkat"}:
            self.there.discard(first)
            yield Op("take", first)
        elif name in {"mkdir", "mkdirat"}:
            self.there.add(first)
            yield Op("folder", first)
        elif name in {"rename", "link"}:
            assert paths[1] is not None
            self.there.add(paths[1])
            if name == "rename":
                self.there.discard(first)
            yield Op("move" if name == "rename" else "link", first, paths[1])
        elif name == "creat" or "O_CREAT" in words or "O_TRUNC" in words:
            if first not in self.there:
                self.there.add(first)
                yield Op("put", first)
            elif "O_TRUNC" in words:
                yield Op("cut", first)

    def _within(self, path: str) -> str | None:
        whole = self.folder / path
        return str(whole.relative_to(self.folder)) if whole.is_relative_to(self.folder) else None


@dataclass(eq=False)
class _File:
    """A file's bytes on the disk, and what was done to it since."""

    kept: bytes = b""
    since: list[Op] = field(default_factory=list)

    def with_(self, ops: Iterable[Op]) -> bytes:
        data = bytearray(self.kept)
        for op in ops:
            if op.kind == "cut":
                del data[op.place :]
                data.extend(bytes(op.place - len(data)))
                continue
            data.extend(bytes(max(0, op.place - len(data))))
            data[op.place : op.place + len(op.data)] = op.data
        return bytes(data)


class Disk:
    """A folder on a disk: what has reached it, and what is still on its way."""

    def __init__(self, start: Path) -> None:
        self.now: dict[str, _File | None] = {  # the names as the system has them in its memory
            str(path.relative_to(start)): None if path.is_dir() else _File(path.read_bytes())
            for path in start.rglob("*")
        }
        self.kept = dict(self.now)  # the names on the disk
        self.since: list[tuple[Op, _File | None]] = []

    def take(self, op: Op) -> None:
        """Take one thing in."""
        if op.kind in {"write", "cut"}:
            file = self.now[op.path]
            assert file is not None
            file.since.append(op)
        elif op.kind == "sync":
            self._sync(op.path)
        elif op.kind != "tell":
            file = _File() if op.kind == "put" else self.now.get(op.path)
            self.since.append((op, file))
            _name(self.now, op, file)

    def _sync(self, path: str) -> None:
        file = self.now.get(path)
        if file is not None:
            file.kept, file.since = file.with_(file.since), []
            return
        for op, named in [each for each in self.since if _folder(each[0]) == path]:
            _name(self.kept, op, named)
        self.since = [each for each in self.since if _folder(each[0]) != path]

    def found(self, kept: str, chance: random.Random) -> Files:
        """Return what is there after a power cut: ``nothing`` of what was not synced, ``everything``, the ``names``
        or the ``bytes`` alone, or any of it ``by chance``.
        """
        names = dict(self.kept)
        for op, file in self._names_kept(kept, chance):
            _name(names, op, file)
        data: dict[_File, bytes] = {}
        found: Files = {}
        for path, file in names.items():
            if _there(path, names):
                if file is not None and file not in data:
                    data[file] = file.with_(_bytes_kept(file.since, kept, chance))
                found[path] = None if file is None else data[file]
        return found

    def _names_kept(self, kept: str, chance: random.Random) -> list[tuple[Op, _File | None]]:
        """A folder's names reach the disk in their order, each folder's by itself."""
        if kept != "by chance":
            return self.since if kept in {"everything", "names"} else []
        folders = {_folder(op) for op, _ in self.since}
        until = {folder: chance.randint(0, len(self.since)) for folder in sorted(folders)}
        return [each for number, each in enumerate(self.since) if number < until[_folder(each[0])]]


def _bytes_kept(since: list[Op], kept: str, chance: random.Random) -> list[Op]:
    if kept != "by chance" or not since:
        return since if kept in {"everything", "bytes"} else []
    share = chance.choice((0.1, 0.5, 0.9))
    some = [op for op in since if chance.random() < share]
    torn = chance.randrange(len(some)) if some and chance.random() < 0.5 else -1
    return [_torn(op, chance) if number == torn else op for number, op in enumerate(some)]


def _torn(op: Op, chance: random.Random) -> Op:
    """Leave of a write what lies before or after the edge of a sector."""
    edges = range(SECTOR - op.place % SECTOR, len(op.data), SECTOR)
    if op.kind != "write" or not edges:
        return op
    edge = chance.choice(edges)
    if chance.random() < 0.5:
        return Op("write", op.path, place=op.place, data=op.data[:edge])
    return Op("write", op.path, place=op.place + edge, data=op.data[edge:])


def _folder(op: Op) -> str:
    return str(PurePath(op.other or op.path).parent)


def _there(path: str, names: dict[str, _File | None]) -> bool:
    return all(str(above) in names for above in list(PurePath(path).parents)[:-1])


def _name(names: dict[str, _File | None], op: Op, file: _File | None) -> None:
    if op.kind in {"move", "take"}:
        names.pop(op.path, None)
    if op.kind in {"move", "link"}:
        names[op.other] = file
    if op.kind in {"put", "folder"}:
        names[op.path] = file


def laid_out(folder: Path, files: Files) -> None:
    """Make a folder hold just these files."""
    for place in folder.iterdir():
        shutil.rmtree(place) if place.is_dir() else place.unlink()
    for path in sorted(files):
        data = files[path]
        if data is None:
            (folder / path).mkdir(parents=True, exist_ok=True)
        else:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
