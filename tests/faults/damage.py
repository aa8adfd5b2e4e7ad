"""A byte flipped, a file cut short, a value of no kind, a copy of half a write: what each command says and does.

Every command is tried on every damaged file. It works as on a sound one, or it says in a sentence what is wrong, ends
with 1, names what to type, and leaves the file as it was. What ``check`` finds is counted, and so is what nobody can
find: a letter of a name, a digit of an amount, changed in its own place.

    python tests/faults/damage.py                 200 bytes flipped, 50 lengths, 200 values of no kind, 50 copies
    python tests/faults/damage.py --flips 2000 --seed 5
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from writers import TODAY, command

READS = (
    ("customers", "--json"), ("customer", "1", "--json"), ("due", "--until", "2027-12-31", "--json"),
    ("history", "--limit", "100", "--json"), ("history", "1", "--json"), ("report", "--json"), ("ready", "--json"),
    ("referrals", "--json"), ("feedback", "--json"), ("export-customer", "2", "--json"), ("rewards", "--json"),
)  # fmt: skip
WRITES = (
    ("log", "2", "--call", "--note", "after the damage", "--json"),
    ("undo", "--json"),
    ("won", "2", "--amount", "100", "--json"),
)


@dataclass(frozen=True)
class Found:
    """What became of one damaged file: how it was damaged, in a word what happened, and what was wrong with that."""

    damage: str
    outcome: str
    problems: tuple[str, ...] = ()


class Patient:
    """A database that is damaged again and again, and what the commands say of it when it is sound."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "x.db"
        os.environ.update(
            REFERTRACK_DB=str(self.path), REFERTRACK_TODAY=TODAY, REFERTRACK_AUTHOR="Nora", HOME=str(folder),
            LANG="C.UTF-8",
        )  # fmt: skip
        stock(folder)
        self.sound = self.path.read_bytes()
        self.said = {line: self.sound_answer(line) for line in (*READS, *WRITES)}
        if any(code for code, _ in self.said.values()):
            raise RuntimeError(str(self.said))

    def sound_answer(self, line: Sequence[str]) -> tuple[int, str]:
        """Return what a command says of the sound file."""
        self.put(self.sound)
        return command(*line)

    def examine(self, damage: str, data: bytes) -> Found:
        """Try every command on a damaged file."""
        self.put(data)
        code, said = command("check", "--json")
        problems = list(self._wrong(("check",), code, said, data))
        told, other = [code == 1], []
        for line in READS:
            self.put(data)
            code, said = command(*line)
            told.append(code != 0)
            if code == 0 and said != self.said[line][1]:
                other.append(line[0])
            problems += self._wrong(line, code, said, data)
        for line in WRITES:
            self.put(data)
            code, said = command(*line)
            told.append(code != 0)
            problems += self._wrong(line, code, said, data)
        outcome = "said by check" if told[0] else "said by a command alone" if any(told) else ""
        outcome = outcome or ("a value is another, nobody can tell" if other else "no command is touched by it")
        return Found(damage, outcome, tuple(problems))

    def put(self, data: bytes) -> None:
        """Lay the damaged file down, alone."""
        for beside in self.folder.glob("x.db-*"):
            beside.unlink()
        self.path.write_bytes(data)

    def _wrong(self, line: Sequence[str], code: int, said: str, data: bytes) -> Iterator[str]:
        name = line[0]
        if code == 0 or (name == "check" and said.startswith("[")):
            return
        if code not in {1, 3} or "Traceback" in said or "inside refertrack" in said:
            yield f"{name} ends with {code}: {said.strip()[-300:]}"
        elif not json.loads(said[said.index("{") :]).get("hint"):
            yield f"{name} names no way out: {said.strip()[:300]}"
        if self.path.read_bytes() != data:
            yield f"{name} was refused and has changed the file"


def stock(folder: Path) -> None:
    """Make a database with something of everything."""
    rows = folder / "rows.csv"
    people = "".join(f"C{n},Person {n},p{n}@x.example,Retail,2025-03-04\n" for n in range(1, 60))
    rows.write_text(f"id,name,email,segment,joined\n{people}", encoding="utf-8")
    lines = [
        ("set-incentive", "thanks", "--gives", "dinner for two", "--cost", "60", "--hold", "30"),
        ("import", "customers", rows), ("add-product", "pump", "--lifetime", "1 year"),
        ("log", "1", "--call", "--note", "all well"), ("complain", "2", "it drips"),
        ("survey", "3", "--service", "5", "--communication", "5", "--performance", "5", "--recommend", "9"),
        ("refer", "4", "Rui Costa", "--email", "rui@costa.example", "--consent", "introduction"),
        ("won", "1", "--amount", "900"), ("done", "1", "--note", "sent"), ("opt-out", "7", "--channel", "email"),
        ("refer", "5", "Ana Lund", "--email", "ana@lund.example", "--consent", "introduction"),
        ("add-spend", "2026-10", "paper", "120"),
        ("add-action", "ring back within a day", "--because", "callers wait"),
    ]  # fmt: skip
    for number in range(1, 20):
        bought = ("--product", "pump", "--amount", number, "--ordered", "2026-11-02", "--promised", "2026-11-20")
        lines.append(("add-purchase", number, *bought))
        lines.append(("deliver", number, "--on", "2026-11-16"))
    for line in lines:
        code, said = command(*line)
        if code:
            raise RuntimeError(f"{line}: {said}")


def flipped(sound: bytes, count: int, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Change one byte at so many places: three of four where something stands, the others anywhere."""
    used = [place for place, byte in enumerate(sound) if byte]
    for number in range(count):
        place = chance.choice(used) if number % 4 else chance.randrange(len(sound))
        data = bytearray(sound)
        data[place] ^= chance.randrange(1, 256)
        yield f"byte {place:,} is {data[place]} and was {sound[place]}", bytes(data)


def cut(sound: bytes, count: int, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Cut the file at so many lengths: within the header, at and beside pages, anywhere."""
    pages = len(sound) // 4096
    for number in range(count):
        at_page = chance.randrange(pages) * 4096
        length = (chance.randrange(100), at_page, at_page + chance.choice((-1, 1, 512)), chance.randrange(len(sound)))
        yield f"cut at {max(0, length[number % 4]):,}", sound[: max(0, length[number % 4])]


ODD_VALUES = (7, 2.5, -1, 1 << 62, "", "x\x07", "9999-99-99", "0000-00-00", b"\xff\x00", "[]", '{"a"', b"\xffA", None)


def odd(folder: Path, sound: bytes, count: int, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Put something that is not of its kind into a column of a row, one after the other, without the engine's leave."""
    place = folder / "odd.db"
    columns: list[tuple[str, str]] = []
    while count:
        place.write_bytes(sound)
        with closing(sqlite3.connect(place, isolation_level=None)) as connection:
            connection.execute("PRAGMA ignore_check_constraints=ON")
            columns = columns or shuffled(connection, chance)
            table, column = columns.pop()
            row = chance.choice(connection.execute(f"SELECT rowid, {column} FROM {table}").fetchall())
            value, taken = spoilt(row[1], chance), chance.choice(("?", "CAST(? AS TEXT)"))
            try:
                connection.execute(f"UPDATE {table} SET {column} = {taken} WHERE rowid = ?", (value, row[0]))
            except sqlite3.IntegrityError:  # it has to be one of a kind, or there
                continue
        count -= 1
        yield f"row {row[0]} of {table} has {value!r} in {column}", place.read_bytes()


def shuffled(connection: sqlite3.Connection, chance: random.Random) -> list[tuple[str, str]]:
    """Return every column of every table that holds anything, in the order of chance."""
    named = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    columns = [
        (table, row[1])
        for (table,) in connection.execute(named).fetchall()
        if connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
        for row in connection.execute(f"PRAGMA table_info({table})")
    ]
    chance.shuffle(columns)
    return columns


def spoilt(value: object, chance: random.Random) -> object:
    """Return what takes a value's place: one letter of it is another, or all of it."""
    if not isinstance(value, str) or not value or chance.random() < 0.5:
        return chance.choice(ODD_VALUES)
    spot = chance.randrange(len(value))
    return value[:spot] + chance.choice('D7 "}-') + value[spot + 1 :]


def torn(folder: Path, sound: bytes, count: int) -> Iterator[tuple[str, bytes]]:
    """Copy the file while a writer writes its pages, without the journal that lies beside it."""
    place = folder / "torn.db"
    place.write_bytes(sound)
    with closing(sqlite3.connect(place, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size=1")  # so that pages go to the file one by one, before the end
        connection.execute("BEGIN IMMEDIATE")
        rows = connection.execute("SELECT id, name FROM customer").fetchall()
        for number in range(count):
            who, name = rows[number % len(rows)]
            connection.execute("UPDATE customer SET name = ?, notes = ? WHERE id = ?", (f"{name}!", "n" * 900, who))
            yield f"copied after {number + 1} changes of a transaction", place.read_bytes()
        connection.execute("ROLLBACK")


def examine(folder: Path, flips: int, cuts: int, odds: int, copies: int, seed: int) -> dict[str, list[Found]]:
    """Damage a database in every way, and see."""
    chance = random.Random(seed)
    patient = Patient(folder)
    ways = {
        "one byte flipped": flipped(patient.sound, flips, chance),
        "cut short": cut(patient.sound, cuts, chance),
        "a value of no kind": odd(folder, patient.sound, odds, chance),
        "copied in the middle of a write": torn(folder, patient.sound, copies),
    }
    found = {way: [patient.examine(*damaged) for damaged in files] for way, files in ways.items()}
    shutil.rmtree(folder / "backups", ignore_errors=True)
    return found


def main() -> int:
    """Examine, and print what was found as a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--flips", type=int, default=200)
    parser.add_argument("--cuts", type=int, default=50)
    parser.add_argument("--odd", type=int, default=200)
    parser.add_argument("--copies", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    wished = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="refertrack-damage-") as name:
        found = examine(Path(name), wished.flips, wished.cuts, wished.odd, wished.copies, wished.seed)
    print("| damage | files | outcome | how many | bad |\n| --- | --: | --- | --: | --: |")
    for way, each in found.items():
        bad = Counter(one.outcome for one in each if one.problems)
        for outcome, count in Counter(one.outcome for one in each).most_common():
            print(f"| {way} | {len(each)} | {outcome} | {count} | {bad[outcome]} |")
    problems = [f"{one.damage}: {problem}" for each in found.values() for one in each for problem in one.problems]
    print(*problems, sep="\n")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
