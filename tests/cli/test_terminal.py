"""How the program behaves on a real terminal, in a pipe, and when it is interrupted."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from conftest import Program
from refertrack.store.target import Target

# A test run in the background would hand down that interruptions are ignored.
SIGNALS = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
ENTRY = ["-c", f"{SIGNALS}; from refertrack.cli.main import run; run()"]
Typing = Callable[..., tuple[int, str]]


@pytest.fixture
def terminal(home: Path, sqlite_target: Target, monkeypatch: pytest.MonkeyPatch) -> Typing:
    """Run a command line on a terminal of 80 columns and 24 lines, and type answers where they are asked for."""
    monkeypatch.setenv("REFERTRACK_DB", str(sqlite_target.path))

    def run(*line: str, answers: list[tuple[str, str]] | None = None, **variables: str) -> tuple[int, str]:
        environment = {**os.environ, "TERM": "xterm", "PAGER": "cat", **variables}
        child = pexpect.spawn(
            sys.executable, [*ENTRY, *line], env=environment, encoding="utf-8", timeout=30, dimensions=(24, 80)
        )  # fmt: skip
        shown = ""
        for question, answer in answers or []:
            child.expect_exact(question)
            shown += child.before + question
            child.sendline(answer) if answer != "^C" else child.sendintr()
        child.expect(pexpect.EOF)
        child.close()
        return int(child.exitstatus or 0), (shown + child.before).replace("\r\n", "\n")

    return run


def plain(shown: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", shown)


def test_what_is_missing_is_asked_for_one_by_one_until_it_is_right(terminal: Typing) -> None:
    code, shown = terminal(
        "add-customer",
        answers=[("Name: ", "Hanna [red] Berg"), ("Company: ", ""), ("E-mail: ", "hanna"),
                 ("E-mail: ", "hanna@berg.example"), ("Phone: ", ""), ("(segment): ", "Private")],
    )  # fmt: skip
    assert (code, '"hanna" is no e-mail address.' in shown) == (0, True)
    assert "Added: 1, Hanna [red] Berg." in shown
    code, shown = terminal("customer", answers=[("CUSTOMER: ", "hanna")])
    assert (code, "hanna@berg.example" in shown) == (0, True)


def test_a_customer_is_corrected_field_by_field(terminal: Typing) -> None:
    terminal("add-customer", "Hanna Berg", "--email", "hanna@berg.example", "--city", "Lund")
    answers = [("Name [Hanna Berg]: ", ""), ("Company: ", "Berg Print"), ("[hanna@berg.example]: ", "-")]
    answers += [(question, "") for question in ("Phone: ", "(segment): ", "after by: ", "[Lund]: ", "Country: ")]
    code, shown = terminal("edit-customer", "hanna", answers=[*answers, ("remember: ", "")])
    assert (code, "company none → Berg Print; email hanna@berg.example → none." in shown) == (0, True)


def test_several_of_one_name_are_offered_to_choose_from(terminal: Typing) -> None:
    for name in ("Hanna Berg", "Hanna Ek"):
        terminal("add-customer", name)
    code, shown = terminal("customer", "hanna", answers=[("Which one?", "2")])
    assert (code, "Hanna Ek (2)" in shown) == (0, True)


def test_a_long_list_goes_through_the_pager_a_short_one_does_not(terminal: Typing, file_shop: Program) -> None:
    for number in range(30):
        file_shop("add-customer", f"Customer {number:02}")
    numbered = "sed s/^/:/"
    _, long = terminal("customers", PAGER=numbered)
    paged = [line.split() for line in plain(long).splitlines() if line.startswith(":")]
    assert (len(paged), paged[1]) == (31, [":", "1", "Customer", "00", "active"])
    assert "\n30 customers · refertrack customer 1" in plain(long)
    for variables in ({"PAGER": "cat"}, {"PAGER": ""}, {"PAGER": numbered, "TERM": "dumb"}, {"PAGER": "/no/pager"}):
        _, shown = terminal("customers", **variables)
        assert (plain(shown).count("Customer "), "\n:" in shown) == (30, False)
    _, short = terminal("customers", "--limit", "5", PAGER=numbered)
    assert not any(line.startswith(":") for line in short.splitlines())


def test_interrupting_a_question_changes_nothing(terminal: Typing, file_shop: Program) -> None:
    code, shown = terminal("add-customer", "--email", "x@x.example", answers=[("Name: ", "^C")])
    assert (code, "Interrupted; nothing was changed." in shown) == (130, True)
    assert file_shop("customers", "--json").json == []


def test_the_end_of_input_is_an_interruption(terminal: Typing, file_shop: Program) -> None:
    code, _ = terminal("add-customer", answers=[("Name: ", "\x04")])
    assert code in {130, 2}
    assert file_shop("customers", "--json").json == []


def test_three_at_once_are_confirmed_and_no_is_no(terminal: Typing, file_shop: Program) -> None:
    for name in ("Hanna", "Jo", "Bo"):
        file_shop("add-customer", name)
        file_shop("add-purchase", name)
    ids = [str(row["id"]) for row in file_shop("due", "--until", "2027-01-01", "--json").json][:3]
    code, shown = terminal("done", *ids, answers=[("as done? [y/N] ", "n")])
    assert (code, "Nothing was changed." in shown) == (1, True)
    code, shown = terminal("done", *ids, "--yes")
    assert (code, shown.count("Done: ")) == (0, 3)


def test_a_default_is_shown_and_no_input_asks_nothing(terminal: Typing) -> None:
    code, shown = terminal("add-customer", "--no-input")
    assert (code, "Name is missing." in shown) == (2, True)
    code, shown = terminal("customer", "--no-input")
    assert (code, "Missing argument 'CUSTOMER'" in shown) == (2, True)


@pytest.mark.parametrize(
    ("line", "variables", "coloured"),
    [
        ((), {}, True),
        ((), {"NO_COLOR": "1"}, False),
        ((), {"TERM": "dumb"}, False),
        (("--no-color",), {}, False),
        (("--color", "never"), {}, False),
        (("--color", "auto"), {"NO_COLOR": "1"}, False),
        (("--color", "always"), {"NO_COLOR": "1"}, True),
        (("--plain",), {}, False),
        (("--json",), {}, False),
    ],
)
def test_colour_is_where_it_is_wanted(
    terminal: Typing, file_shop: Program, line: tuple[str, ...], variables: dict[str, str], coloured: bool
) -> None:
    file_shop("add-customer", "Hanna")
    _, shown = terminal("customers", *line, **variables)
    assert ("\x1b[" in shown) is coloured


def test_the_persons_file_says_whether_to_colour(terminal: Typing, file_shop: Program) -> None:
    file_shop("add-customer", "Hanna")
    file_shop("config", "set", "color", "never")
    assert "\x1b[" not in terminal("customers")[1]
    assert "\x1b[" in terminal("customers", "--color", "auto")[1]


def test_tables_keep_to_the_width(terminal: Typing, file_shop: Program) -> None:
    file_shop("add-customer", "Hanna " + "Berg " * 20, "--company", "Print " * 20, "--email", "h@berg.example")
    for columns in ("40", "80", "120"):
        _, shown = terminal("customers", COLUMNS=columns, NO_COLOR="1")
        assert max(map(len, shown.splitlines()[:-3])) <= int(columns)


def program(*line: str, pipe_to: str = "", stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run a command line in a process of its own, perhaps into another program."""
    words = shlex.join([sys.executable, *ENTRY, *line])
    whole = f"{words} | {pipe_to}; exit ${{PIPESTATUS[0]}}" if pipe_to else words
    return subprocess.run(["bash", "-c", whole], capture_output=True, check=False, input=stdin)


def test_a_reader_that_has_seen_enough_is_no_failure(file_shop: Program) -> None:
    lines = "Name\n" + "".join(f"Customer number {number:05} with quite a long name\n" for number in range(5000))
    assert program("import", "customers", "-", stdin=lines.encode()).returncode == 0
    for form in ([], ["--json"], ["--csv"]):
        result = program("customers", *form, pipe_to="head -1")
        assert (result.returncode, result.stderr) == (0, b"")
        assert len(result.stdout.splitlines()) == 1


def test_an_interrupted_import_leaves_everything_as_it_was(file_shop: Program, tmp_path: Path) -> None:
    file_shop("add-customer", "Hanna")
    pipe = tmp_path / "customers.csv"
    os.mkfifo(pipe)
    command = [sys.executable, *ENTRY, "import", "customers", str(pipe)]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with pipe.open("wb") as rows:  # waits until the program has opened it for reading
        rows.write(b"Name\nJo Park\n")
        rows.flush()
        running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert (running.returncode, out, b"Traceback" in err) == (130, b"", False)
    assert [row["name"] for row in file_shop("customers", "--json").json] == ["Hanna"]
    assert file_shop("check").code == 0


def test_data_and_messages_go_their_own_ways(file_shop: Program) -> None:
    added = file_shop("add-customer", "Hanna")
    assert (added.out, added.err) == ("", "Added: 1, Hanna.\n")
    assert file_shop("add-customer", "Jo", "-q").err == ""
    listed = file_shop("customers")
    assert (listed.lines[0][1], listed.err) == ("Hanna", "")
    assert file_shop("customers", "nobody") == type(listed)(0, "", "")


def test_in_a_pipe_a_record_is_a_line_with_whole_values_and_dates(file_shop: Program) -> None:
    name = "Hanna " + "Berg " * 30
    file_shop("add-customer", name.strip(), "--note", "one\ntwo\tthree")
    file_shop("add-purchase", 1, "--ordered", "2026-11-02")
    (line,) = file_shop("customers").lines
    assert (line[1], line[12], line[15]) == (name.strip(), "2026-11-24", "one⏎two three")
    (item,) = [row for row in file_shop("due").lines if row[7] == "thank-you card"]
    assert (item[1], item[2], item[4]) == ("2026-11-02", "22", name.strip())


def test_keys_of_json_depend_on_nothing(file_shop: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    file_shop("add-customer", "Hanna")
    file_shop("add-purchase", 1, "--amount", "12.50")
    before = [file_shop(*line, "--json").out for line in (["customers"], ["customer", 1], ["due"])]
    for name, value in (("LANG", "de_DE.UTF-8"), ("LC_ALL", "tr_TR.UTF-8"), ("COLUMNS", "20"), ("NO_COLOR", "1")):
        monkeypatch.setenv(name, value)
    file_shop("config", "set", "color", "always")
    assert [file_shop(*line, "--json").out for line in (["customers"], ["customer", 1], ["due"])] == before


EMPTY_LISTS = (
    ("due",), ("customers",), ("tags",), ("asks",), ("rewards",), ("history",), ("ready",), ("restore",), ("check",),
)  # fmt: skip


@pytest.mark.parametrize("line", EMPTY_LISTS, ids=" ".join)
def test_an_empty_list_is_no_error(shop: Program, line: tuple[str, ...]) -> None:
    if line == ("restore",) and "postgresql" in os.environ["REFERTRACK_DB"]:
        assert shop(*line).code == 1
        return
    result = shop(*line, "--json")
    assert (result.code, result.json) == (0, [])
    assert shop(*line).out == ""


@pytest.mark.parametrize(
    ("line", "code", "kind"),
    [
        (["duw"], 2, "usage"), (["due", "--bogus"], 2, "usage"), (["customer"], 2, "usage"),
        (["due", "--until", "soonish"], 2, "bad_value"), (["customer", "nobody"], 3, "not_found"),
        (["done", "99"], 3, "not_found"), (["help", "nothing"], 3, "not_found"),
        (["import", "customers", "/no/file.csv"], 1, "file"), (["--db", "/proc/x/y.db", "due"], 1, "database"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)  # fmt: skip
def test_with_json_every_error_is_one_object(file_shop: Program, line: list[str], code: int, kind: str) -> None:
    result = file_shop(*line, "--json")
    error = json.loads(result.err)
    assert (result.code, result.out, error["code"]) == (code, "", kind)
    assert {"code", "message", "hint"} <= set(error)
    assert error["hint"]


def test_an_unexpected_error_shows_no_customers_data(file_shop: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    from refertrack.reports import lists

    def breaks(*_values: object) -> None:
        raise ZeroDivisionError("Hanna Berg, hanna@berg.example")

    monkeypatch.setattr(lists, "customers", breaks)
    for form in ([], ["--json"]):
        result = file_shop("customers", *form)
        assert (result.code, result.out) == (1, "")
        assert "ZeroDivisionError" in result.err
        assert "--debug" in result.err
        assert "Hanna" not in result.err
    with pytest.raises(ZeroDivisionError):
        file_shop("customers", "--debug")


def test_an_error_of_the_database_shows_no_data(file_shop: Program, sqlite_target: Target) -> None:
    import sqlite3

    assert sqlite_target.path is not None
    with sqlite3.connect(sqlite_target.path) as connection:
        connection.execute("CREATE TRIGGER no BEFORE INSERT ON customer BEGIN SELECT RAISE(ABORT, 'not this one'); END")
    result = file_shop("add-customer", "Hanna Berg", "--email", "hanna@berg.example")
    assert (result.code, "hanna" in result.err.casefold()) == (1, False)


def test_completion_writes_nothing(file_shop: Program, sqlite_target: Target, tmp_path: Path) -> None:
    file_shop("add-customer", "Hanna")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    for words in ("refertrack customer h", "refertrack done ", "refertrack customers --segment ", "refertrack d"):
        variables = {"COMP_WORDS": words, "COMP_CWORD": str(words.count(" ")), "_REFERTRACK_COMPLETE": "complete_bash"}
        for place in (str(sqlite_target.path), str(tmp_path / "none.db")):
            environment = {**os.environ, **variables, "REFERTRACK_DB": place}
            command = [sys.executable, *ENTRY]
            assert subprocess.run(command, env=environment, capture_output=True, check=True).stderr == b""
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_folder_named_by_a_relative_path_is_ignored(
    run: Program, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", "here")
    monkeypatch.setenv("XDG_CONFIG_HOME", "here")
    assert run("config", "set", "sender", "Nora").code == 0
    assert run("add-customer", "Hanna").code == 0
    assert (home / ".local/share/refertrack/refertrack.db").is_file()
    assert (home / ".config/refertrack/config.toml").is_file()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    run("add-customer", "Jo")
    assert (tmp_path / "data/refertrack/refertrack.db").is_file()
    assert not (tmp_path / "here").exists()


def test_bytes_that_are_no_text_are_refused(file_shop: Program) -> None:
    result = subprocess.run(
        [os.fsencode(sys.executable), *map(os.fsencode, ENTRY), b"add-customer", b"Jo\xff"],
        capture_output=True, check=False,
    )  # fmt: skip
    assert (result.returncode, b"half a character" in result.stderr) == (2, True)
    assert b"Traceback" not in result.stderr
    result = subprocess.run(
        [os.fsencode(sys.executable), *map(os.fsencode, ENTRY), b"customer", b"Jo\xff"],
        capture_output=True,
        check=False,
    )
    assert (result.returncode, b"half a character" in result.stderr) == (2, True)


def test_the_bare_command_greets_then_shows_the_day(terminal: Typing, file_shop: Program) -> None:
    code, shown = terminal()
    assert (code, "Three ways to begin" in shown) == (0, True)
    file_shop("add-customer", "Hanna")
    file_shop("add-purchase", 1)
    code, shown = terminal()
    assert (code, "thank-you card" in shown) == (0, True)
