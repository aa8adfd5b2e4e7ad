"""Hostile words go in, are listed, drafted, exported and imported: kept as typed, never run or shown raw."""

from __future__ import annotations

import csv
import email
import email.policy
import io
import os
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, cast

import pexpect
import pytest
from hostile_words import REFUSED, all_words
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import Outcome, Program
from refertrack.cli import desk, environment
from refertrack.cli import main as program
from refertrack.exchange.csvwrite import needs_prefix
from refertrack.rules.text import NAME_LIMIT, safe
from refertrack.store.target import Target

# What steers a terminal or hides: nothing of it may be shown, but the line's end and a pipe's tabs.
STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]"
)
FIELDS = ("name", "company", "city", "notes")


def kept(word: str) -> str:
    """What is kept of a word: as typed, but for white space around it."""
    return word.strip()


def raw(text: str) -> list[str]:
    """What would steer a terminal in what was printed."""
    return sorted(set(STEERING.findall(text)))


def add(shop: Program, word: str) -> Outcome:
    return shop("add-customer", f"--company={word}", f"--city={word}", f"--note={word}", "--json", "--", word)


def taken(shop: Program, words: list[str]) -> dict[int, str]:
    """Add a customer for each word; those that are refused are so by the field's name."""
    ids = {}
    for word in words:
        result = add(shop, word)
        assert raw(result.out + result.err) == [], word
        assert "Traceback" not in result.err
        if result.code:
            assert (result.code, result.out) == (2, ""), (word, result)
            assert re.search(r"(?i)name (is missing|holds|has)|half a character", result.err), (word, result.err)
            assert not kept(word) or len(kept(word)) > NAME_LIMIT or re.search("[\x00\ud800-\udfff]", word), word
            continue
        ids[result.json["id"]] = word
    return ids


@pytest.fixture
def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[Program], Program]:
    """Make the program believe that it prints on a terminal of 80 columns."""

    def made(shop: Program) -> Program:
        real = environment.Environment.of_process
        shown = staticmethod(lambda: replace(real(), in_terminal=False, out_terminal=True))
        monkeypatch.setattr(desk.Environment, "of_process", shown)
        monkeypatch.setattr(program.Environment, "of_process", shown)
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setenv("PAGER", "")
        return shop

    return made


def test_words_are_kept_as_typed_and_shown_without_their_sting(
    shop: Program, target: Target, on_terminal: Callable[[Program], Program]
) -> None:
    ids = taken(shop, [*all_words(), *REFUSED])
    assert not set(ids.values()) & set(REFUSED)
    rows = {row["id"]: row for row in shop("customers", "--json").json}
    for number, word in ids.items():
        assert [rows[number][field] for field in FIELDS[:3]] == [kept(word)] * 3
    listed = shop("customers")
    assert (raw(listed.out), len(listed.out.splitlines())) == ([], len(ids))
    for line in (
        ("customers", "--json"),
        ("history",),
        ("history", "--json"),
        ("customers", "--duplicates"),
        ("check",),
    ):
        assert raw(shop(*line).out) == [], line
    if not target.is_sqlite:  # what comes now is the same for what was kept the same
        return
    for number, word in ids.items():
        _look_at(shop, number, word)
    on_terminal(shop)
    lines = [("customers",), ("history",), ("customers", "--csv"), ("customers", "--json"), ("customers", "--plain")]
    lines += [("customer", number) for number in ids] + [("export-customer", number) for number in ids]
    for line in lines:
        shown = shop(*line)
        assert (shown.code, raw(shown.out + shown.err)) == (0, []), line


def _look_at(shop: Program, number: int, word: str) -> None:
    """A card, and a letter: on the screen and as a mail."""
    card = shop("customer", number, "--json")
    assert (card.json["name"], card.json["notes"], raw(card.out)) == (kept(word), kept(word), [])
    assert raw(shop("customer", number).out) == []
    line = ("draft", "thank_you_card", number, f"--set=purchase.what={word}")
    letter = shop(*line)
    assert raw(letter.out + letter.err) == [], word
    if letter.code:  # a field that is blank, say
        assert "Traceback" not in letter.err
        return
    told = shop(*line, "--json").json
    assert told["to_name"] == kept(word)
    # Nothing was rendered, run or escaped; white space in a letter is a blank.
    assert " ".join(word.split()) in " ".join(told["body"].split()), word


def test_nothing_is_smuggled_into_a_mail(file_shop: Program) -> None:
    words = all_words()
    ids = taken(file_shop, words)
    refused = 0
    for number, word in ids.items():
        file_shop("edit-customer", number, "--email", f"c{number}@x.example")
        result = file_shop("draft", "thank_you_card", number, "--set=purchase.what=pump", "--eml", "-")
        if result.code:
            assert re.search(r"line break|header|control", result.err), (word, result.err)
            refused += 1
            continue
        message = cast("EmailMessage", email.message_from_string(result.out, policy=email.policy.default))
        assert {"Bcc", "Cc"} & set(message.keys()) == set(), word
        assert [address.addr_spec for address in message["To"].addresses] == [f"c{number}@x.example"], word
        assert message["Subject"].count("\n") == 0
        assert raw(result.out.replace("\r", "")) == [], word
    assert refused < len(ids)


def test_words_come_back_from_a_spreadsheets_file(file_shop: Program, tmp_path: Path) -> None:
    ids = taken(file_shop, all_words())
    told = file_shop("customers", "--csv")
    rows = list(csv.DictReader(io.StringIO(told.out, newline="")))
    assert len(rows) == len(ids)
    for row in rows:
        word = kept(ids[int(row["id"])])
        assert row["name"] == ("'" + word if needs_prefix(word) else word)
        assert not re.match(r"[=@\t\r]|[+-][^\d]", row["name"])
    file = tmp_path / "again.csv"
    file.write_bytes(told.out.encode())
    again = Target(path=tmp_path / "again.db")
    columns = [f"--map={field}={field}" for field in ("name", "company", "city")]
    line = ("--db", again.path, "import", "customers", file, "--map=external_id=id", *columns, "--json")
    result = file_shop(*line)
    assert (result.code, raw(result.out + result.err)) == (0, []), result
    back = {row["external_id"]: row for row in file_shop("--db", again.path, "customers", "--json").json}
    assert result.json["rejected"] == 0, result.json["rejects"]
    for number, word in ids.items():
        assert [back[str(number)][field] for field in FIELDS[:3]] == [kept(word)] * 3


class _Alive(HTMLParser):
    """What could run or load in a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [tag] if tag in {"script", "img", "iframe", "object", "embed", "base", "form"} else []
        self.found += [
            f"{name}={value}"
            for name, value in attrs
            if name.startswith("on") or (name in {"href", "src"} and not (value or "").startswith("#"))
        ]


def test_pages_run_and_load_nothing_of_what_was_typed(file_shop: Program, tmp_path: Path) -> None:
    pages = {
        "report": ("report", "referrals", "--by", "segment"),
        "strength": ("report", "strength", "--by", "owner"),
        "agenda": ("agenda",),
    }
    file_shop("add-customer", "Jo Park", "--segment", "Retail")
    for name, line in pages.items():
        assert file_shop(*line, "--html", tmp_path / f"{name}.html").code == 0
    for number, word in enumerate(all_words()):
        if kept(word) and "\x00" not in word:
            file_shop("add-customer", f"--segment={word}", f"--owner={word}", "--", f"Person {number}")
            file_shop("complain", 1, "--process=delivery", f"--owner={word}", "--", word)
            file_shop("idea", "--", word)
    for name, line in pages.items():
        place = tmp_path / f"{name}-hostile.html"
        assert file_shop(*line, "--html", place).code == 0
        plain, hostile = (
            (tmp_path / f"{which}.html").read_text(encoding="utf-8") for which in (name, f"{name}-hostile")
        )
        assert len(hostile) >= len(plain)
        assert set(_Alive(hostile).found) - set(_Alive(plain).found) == set(), name
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", hostile)
    for line in (("agenda", "--markdown"), ("agenda", "--json"), ("feedback",), ("feedback", "--json"), ("today",)):
        assert raw(file_shop(*line).out) == [], line


def test_a_template_of_ones_own_runs_in_a_sandbox(file_shop: Program) -> None:
    file_shop("add-customer", "Hanna Berg")
    file_shop("templates", "--copy-to-mine", "thank_you_card")
    own = Path(file_shop("templates", "thank_you_card", "--path").out.strip())
    for body in (
        "{{ ''.__class__.__mro__[1].__subclasses__() }}", "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ customer.__init__ }}", "{% for x in range(999999999) %}x{% endfor %}", "{{ customer.name * 99999999999 }}",
        "{% set customer.name = 1 %}", "{{ customer.update({}) }}", "{% include '/etc/passwd' %}", "{{ nobody.name }}",
        "{{ ''.format.__func__ }}", "{{ '%99999999999d' % 1 }}", "{% import 'os' as os %}",
    ):  # fmt: skip
        own.write_text(f"Subject: Tack\n\nfirst\n{body}\n", encoding="utf-8")
        result = file_shop("draft", "thank_you_card", "hanna", "--set=purchase.what=pump")
        assert (result.code != 0, result.out, "Traceback" in result.err) == (True, "", False), (body, result)
        assert "thank_you_card" in result.err, (body, result.err)
        assert re.search(r"line \d", result.err), (body, result.err)


def test_a_real_terminal_gets_nothing_raw(file_shop: Program, sqlite_target: Target) -> None:
    taken(file_shop, all_words())
    environment = {**os.environ, "TERM": "xterm", "PAGER": "cat", "NO_COLOR": "1", "REFERTRACK_TODAY": "2028-01-01"}
    for line in (
        "customers",
        "due",
        "customers --csv",
        "customers --json",
        "history",
        "today",
        "customers --duplicates",
    ):
        child = pexpect.spawn(
            sys.executable, ["-c", "from refertrack.cli.main import run; run()", *line.split()],
            env=environment, encoding="utf-8", timeout=120, dimensions=(24, 80),
        )  # fmt: skip
        shown = child.read()
        child.close()
        assert (child.exitstatus, raw(shown.replace("\r\n", "\n"))) == (0, []), line
        assert len(shown) > 100


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(word=st.text(max_size=60))
def test_any_word_is_kept_or_refused_by_name(sqlite_template: Path, tmp_path_factory: Any, word: str) -> None:
    import shutil

    from conftest import runner

    folder = tmp_path_factory.mktemp("any")
    shutil.copy(sqlite_template, folder / "x.db")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REFERTRACK_DB", str(folder / "x.db"))
        patch.setenv("HOME", str(folder))
        patch.setenv("REFERTRACK_TODAY", "2026-11-24")
        shop = runner(_Capture(patch), patch)  # type: ignore[arg-type]
        for number in taken(shop, [word]):
            assert shop("customers", "--json").json[0]["name"] == kept(word)
            assert shop("customers").out.split("\t")[1] == safe(kept(word))
            _look_at(shop, number, word)
            file = folder / "again.csv"
            file.write_bytes(shop("customers", "--csv").out.encode())
            line = ("--db", folder / "y.db", "import", "customers", file, "--map=external_id=id", "--map=name=name")
            told = shop(*line, "--json")
            assert told.json["rejected"] == 0, (told.json["rejects"], file.read_bytes()[-300:], file)
            assert shop("--db", folder / "y.db", "customers", "--json").json[0]["name"] == kept(word)


class _Capture:
    """What pytest's capsys does, for one example of many."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.patch = patch
        self.readouterr()

    def readouterr(self) -> Outcome:
        told = Outcome(0, *(s.getvalue() if isinstance(s, io.StringIO) else "" for s in (sys.stdout, sys.stderr)))
        self.patch.setattr(sys, "stdout", io.StringIO())
        self.patch.setattr(sys, "stderr", io.StringIO())
        return told
