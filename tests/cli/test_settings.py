"""Settings of the person and of the business: seen, set, refused, taken back; nobody has to edit TOML."""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from conftest import Program, make_context
from refertrack.rules.errors import StoreTrouble
from refertrack.store import engine
from refertrack.store.target import parse_target


def settings(shop: Program) -> dict[str, dict[str, Any]]:
    return {row["key"]: row for row in shop("config", "--json").json}


def file_of(home: Path) -> Path:
    return home / ".config" / "refertrack" / "config.toml"


def test_a_business_is_set_up_in_one_go_and_taken_back(shop: Program, home: Path) -> None:
    done = shop("init", "--business", "Lind Heating", "--sender", "Nora Lind", "--sender-email", "nora@lind.example",
                "--sender-phone", "+46 8 123", "--currency", "sek", "--country", "Sweden", "--zone", "stockholm",
                "--language", "svenska", "--segment", "Retail:60:150", "--segment", "Private", "--json")  # fmt: skip
    assert (done.code, done.json["zone"], done.json["segments"]) == (0, "Europe/Stockholm", ["Retail", "Private"])
    found = settings(shop)
    assert {key: found[key]["value"] for key in ("name", "currency", "country", "sender", "language")} == {
        "name": "Lind Heating", "currency": "SEK", "country": "SE", "sender": "Nora Lind", "language": "sv",
    }  # fmt: skip
    assert (found["currency"]["from"], found["sender"]["from"]) == ("the business", str(file_of(home)))
    (retail,) = [row for row in shop("segments", "--json").json if row["name"] == "Retail"]
    assert (retail["keep_in_touch_days"], retail["lost_touch_days"], retail["own"]) == (60, 150, True)
    sold = shop("add-customer", "Hanna Berg", "--phone", "08 123 456 78", "--json")
    assert sold.json["phone"] == "+46812345678"
    assert shop("undo", 1).code == 0
    assert settings(shop)["name"]["value"] == ""
    assert [row["name"] for row in shop("segments", "--json").json] == ["*"]


def test_every_part_can_be_left_out_and_a_first_file_is_read(shop: Program, tmp_path: Path) -> None:
    assert shop("init").code == 0
    file = tmp_path / "contacts.csv"
    file.write_text("Name,Email\nAnna Ek,anna@ek.example\n")
    assert shop("init", "--import", file).code == 0
    assert [row["name"] for row in shop("customers", "--json").json] == ["Anna Ek"]


def test_what_is_set_up_is_told_where_ones_own_file_cannot_be_made(
    shop: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/proc")
    alone = shop("init", "--sender", "Nora Lind")
    assert (alone.code, "Nothing was changed" in alone.err) == (1, True)
    half = shop("init", "--business", "Lind", "--currency", "SEK", "--sender", "Nora Lind")
    assert (half.code, "Nothing was changed" in half.err, settings(shop)["currency"]["value"]) == (1, False, "SEK")
    for words in ("The business is set up in", "; sender could not be kept: /proc", "config set sender 'Nora Lind'"):
        assert words in half.err


@pytest.mark.parametrize("file", ["missing.csv", "locked.csv"])
def test_what_is_set_up_is_told_where_the_first_file_cannot_be_read(
    shop: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    (tmp_path / "locked.csv").write_text("Name,Email\nAnna Ek,anna@ek.example\n")

    def in_use(*_: Any, **__: Any) -> None:
        raise StoreTrouble("It is in use.", "Nothing was changed. Try again.")

    monkeypatch.setattr("refertrack.workflows.import_customers.import_customers", in_use)
    half = shop("init", "--currency", "SEK", "--import", tmp_path / file)
    assert (half.code, "Nothing was changed" in half.err, settings(shop)["currency"]["value"]) == (1, False, "SEK")
    assert "is set up" in half.err


def test_a_personal_setting_goes_to_the_file_and_its_comments_stay(shop: Program, home: Path) -> None:
    path = file_of(home)
    path.parent.mkdir(parents=True)
    path.write_text('# mine\nauthor = "Nora"  # that is me\n')
    assert shop("config", "set", "sender-phone", "+46 8 123 45 67").code == 0
    assert shop("config", "set", "signature", "-", stdin="Kind regards\nNora\n").code == 0
    text = path.read_text()
    assert text.startswith('# mine\nauthor = "Nora"  # that is me\n')
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert shop("config", "get", "signature").out == "Kind regards\nNora\n"
    assert list(path.parent.iterdir()) == [path]
    told = shop("config", "unset", "author")
    assert (told.code, "It was: Nora." in told.err, "author" in path.read_text()) == (0, True, False)


def test_a_file_that_is_a_link_stays_one(shop: Program, home: Path, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text("")
    file_of(home).parent.mkdir(parents=True)
    file_of(home).symlink_to(real)
    shop("config", "set", "sender", "Nora")
    assert (file_of(home).is_symlink(), real.read_text()) == (True, 'sender = "Nora"\n')


def test_an_option_counts_before_a_variable_before_the_file(
    shop: Program, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REFERTRACK_AUTHOR")
    assert settings(shop)["author"]["from"] == "default"
    shop("config", "set", "author", "Nora of the file")
    assert settings(shop)["author"] | {"words": ""} == {
        "key": "author", "value": "Nora of the file", "from": str(file_of(home)), "whose": "you", "words": "",
    }  # fmt: skip
    monkeypatch.setenv("REFERTRACK_AUTHOR", "Nora of the shell")
    assert (settings(shop)["author"]["value"], settings(shop)["author"]["from"]) == (
        "Nora of the shell",
        "REFERTRACK_AUTHOR",
    )
    assert settings(shop)["database"]["from"] == "REFERTRACK_DB"
    shop("add-customer", "Jo")
    assert shop("history", "--json").json[0]["author"] == "Nora of the shell"


def test_a_setting_of_the_business_is_undone_like_any_change(shop: Program) -> None:
    assert shop("config", "set", "currency", "jpy").err.startswith("currency is JPY now.")
    assert shop("add-customer", "Hanna").code == 0
    assert shop("add-purchase", "hanna", "--amount", "1500", "--json").json["currency"] == "JPY"
    assert shop("config", "set", "keep-in-touch-days", "45").err.startswith("keep_in_touch_days is 45 now. It was: 90.")
    assert settings(shop)["keep_in_touch_days"]["value"] == "45"
    shop("undo")
    assert settings(shop)["keep_in_touch_days"] | {"words": ""} == {
        "key": "keep_in_touch_days", "value": "90", "from": "default", "whose": "segments", "words": "",
    }  # fmt: skip
    shop("config", "unset", "currency")
    assert settings(shop)["currency"]["value"] == "EUR"


def test_any_value_of_any_document_can_be_set_by_its_place(shop: Program) -> None:
    assert shop("config", "get", "playbooks.delivered.title").lines == [
        ["key", "playbooks.delivered.title"],
        ["value", "delivered"],
    ]
    assert shop("config", "set", "playbooks.order.off", "yes").code == 0
    shop("add-customer", "Hanna")
    shop("add-purchase", "hanna")
    assert [row["playbook"] for row in shop("due", "--json").json if row["playbook"] == "order"] == []
    rows = {row["playbook"]: row for row in shop("playbooks", "--json").json}
    assert (rows["order"]["off"], rows["order"]["own"], rows["delivered"]["own"]) == (True, True, False)


@pytest.mark.parametrize(
    ("line", "code", "sentence"),
    [
        (["frob"], 2, 'Settings cannot "frob".'),
        (["set"], 2, "Which setting is to set?"),
        (["set", "sender"], 2, "The value of sender is missing."),
        (["set", "curency", "EUR"], 3, 'There is no setting "curency". Close: currency.'),
        (["get", "nothing"], 3, 'There is no setting "nothing".'),
        (["get", "playbooks.nothing"], 3, 'Nothing is set at "playbooks.nothing".'),
        (["set", "nothing.at.all", "1"], 3, 'There is no document "nothing".'),
        (["set", "currency", "crowns"], 2, 'There is no currency "crowns".'),
        (["set", "country", "Atlantis"], 2, 'There is no country "Atlantis".'),
        (["set", "country", "ZZ"], 2, 'There is no country "ZZ".'),
        (["set", "zone", "Europe/Stokholm"], 2, "Like this: Europe/Stockholm"),
        (["set", "review_link", "javascript:alert(1)"], 2, "is no address of a web page."),
        (["set", "review_link", "example.org"], 2, "Like this: https://example.org/review"),
        (["set", "sender_email", "nora"], 2, '"nora" is no e-mail address.'),
        (["set", "sender", "N" * 201], 2, "The sender has 201 characters"),
        (["set", "color", "sometimes"], 2, '"sometimes" is no way to colour.'),
        (["set", "keep_in_touch_days", "often"], 2, '"often" is no number of days.'),
        (["set", "lost_touch_days", "0"], 2, "0 days cannot be kept."),
        (["set", "database", " "], 2, "The value of database is missing."),
        (["set", "playbooks.order.colour", "red"], 2, 'Playbook order has a key "colour" that nobody reads.'),
        (["set", "playbooks.order.title.x", "red"], 2, '"title" holds no other values.'),
        (["set", "segments.Retail.lost_touch_days", "many"], 2, "Segment \"Retail\" has lost_touch_days = 'many'."),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else None,
)
def test_a_wrong_setting_is_refused_with_its_name(
    shop: Program, home: Path, line: list[str], code: int, sentence: str
) -> None:
    result = shop("config", *line)
    assert (result.code, result.out) == (code, "")
    assert sentence in result.err
    assert shop("history", "--json").json == []
    assert not file_of(home).exists()


def test_a_broken_file_is_named_and_can_be_mended_without_an_editor(file_shop: Program, home: Path) -> None:
    path = file_of(home)
    path.parent.mkdir(parents=True)
    path.write_text('colour = "always"\nsender = "Nora"\n')
    told = file_shop("config")
    assert (told.code, 'holds "colour", which nobody reads.' in told.err) == (2, True)
    assert "refertrack config unset colour" in told.err
    assert file_shop("config", "unset", "colour").code == 0
    assert file_shop("config", "get", "sender").out == "Nora\n"
    path.write_text("sender = \n")
    assert "cannot be read" in file_shop("config", "set", "sender", "Nora").err
    assert path.read_text() == "sender = \n"


def test_segments_are_set_and_given_back(shop: Program) -> None:
    shop("add-customer", "Hanna", "--segment", "Retail")
    told = shop("segments", "set", "Retail", "--keep-in-touch", "60", "--prospects", "shops about to renovate")
    assert told.err == "Retail: in touch again after 60 days, lost after 180; can think of shops about to renovate.\n"
    assert shop("segments").lines == [
        ["*", "90", "180", "", "1", "no"],
        ["Retail", "60", "180", "shops about to renovate", "1", "yes"],
    ]
    shop("segments", "set", "*", "--lost-touch", "365")
    assert [row["lost_touch_days"] for row in shop("segments", "--json").json] == [365, 365]
    assert shop("segments", "unset", "Retail").code == 0
    assert [row["keep_in_touch_days"] for row in shop("segments", "--json").json] == [90, 90]
    for line, code in ((["unset", "Retail"], 3), (["set"], 2), (["set", "Retail"], 2), (["paint", "Retail"], 2)):
        assert shop("segments", *line).code == code
    assert shop("segments", "set", "Retail", "--lost-touch", "0").code == 2


@pytest.mark.parametrize("name", ["playbooks", "segments"])
def test_a_document_goes_out_comes_in_and_is_given_back(shop: Program, tmp_path: Path, name: str) -> None:
    file = tmp_path / f"{name}.toml"
    assert shop(name, "--export", file).code == 0
    assert shop(name, "--export", "-").out == file.read_text()
    assert shop(name, "--export", file).code == 1
    assert shop(name, "--export", file, "--force").code == 0
    assert shop(name, "--check", file).code == 0
    assert shop(name, "--import", file, "--json").json == {"document": name, "saved": False}
    changed = file.read_text() + ("\n[fair]\n" if name == "playbooks" else "\n[Retail]\nlost_touch_days = 99\n")
    assert shop(name, "--import", "-", stdin="# mine\n" + changed).code == 0
    assert shop(name, "--export", "-").out == "# mine\n" + changed
    assert shop(name, "--reset").code == 1  # what destroys asks
    assert shop(name, "--reset", "--yes").code == 0
    assert shop(name, "--export", "-").out == file.read_text()
    shop("undo")
    assert shop(name, "--export", "-").out == "# mine\n" + changed


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[order", "The playbooks cannot be read"),
        ("[order]\nstep = 3\n", "Playbook order has no list of steps"),
        ("[[order.step]]\nname = 'x'\n", "Playbook order, step 1, has no what"),
        ("[[order.step]]\nname = 'x'\nwhat = 'y'\nafter = 'soon'\n", '"soon" is no span of time.'),
        ("[[order.step]]\nname = 'x'\nwhat = 'y'\npriority = 0\n", "has priority = 0"),
    ],
)
def test_a_document_that_is_wrong_changes_nothing(shop: Program, tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text)
    for option in ("--check", "--import"):
        result = shop("playbooks", option, file)
        assert (result.code, sentence in result.err) == (2, True)
    assert shop("history", "--json").json == []
    for path, code in ((tmp_path / "none.toml", 1), (tmp_path, 1)):
        assert shop("playbooks", "--import", path).code == code
    file.write_bytes(b"\xff\xfe")
    assert "no text in UTF-8" in shop("playbooks", "--import", file).err
    assert shop("playbooks", "--edit", "--reset").code == 2


def editor(tmp_path: Path, *texts: str) -> str:
    """An editor that puts one text after the other into the file, a text each time that it is opened."""
    (tmp_path / "texts.json").write_text(json.dumps(texts))
    script = tmp_path / "editor.py"
    script.write_text(
        "import json, pathlib, sys\n"
        f"texts = pathlib.Path({str(tmp_path / 'texts.json')!r})\n"
        "first, *rest = json.loads(texts.read_text())\n"
        "texts.write_text(json.dumps(rest))\n"
        "pathlib.Path(sys.argv[1]).write_text(first)\n"
    )
    return f"{sys.executable} {script}"


@pytest.mark.parametrize("place", ["data", "nowhere"])
def test_what_was_typed_is_kept_wherever_there_is_a_place(
    file_shop: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    passing = tmp_path / "passing"
    passing.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(passing))
    monkeypatch.setenv("XDG_DATA_HOME", "/proc" if place == "nowhere" else str(tmp_path / "data"))
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor(tmp_path, "[Retail]\nkeep_in_touch_days = 'x'\n", "[Retail]\n"))
    wrong = file_shop("segments", "--edit")
    assert (wrong.code, "keep_in_touch_days" in wrong.err, "refused to go on" in wrong.err) == (2, True, False)
    kept = Path(wrong.err.partition("--import ")[2].strip())
    assert kept.read_text() == "[Retail]\nkeep_in_touch_days = 'x'\n"
    assert (stat.S_IMODE(kept.stat().st_mode), kept.is_relative_to(passing)) == (0o600, place == "nowhere")

    def in_use(*_: Any, **__: Any) -> None:
        raise StoreTrouble("It is in use.", "Try again.")

    monkeypatch.setattr("refertrack.workflows.documents.save", in_use)
    busy = file_shop("segments", "--edit")
    assert (busy.code, "It is in use." in busy.err, "What you typed is kept: " in busy.err) == (1, True, True)


def test_what_the_editor_left_in_another_encoding_stays(
    file_shop: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "odd.py"
    script.write_text("import sys; open(sys.argv[1], 'wb').write('[Gäste]'.encode('latin-1'))")
    monkeypatch.setenv("VISUAL", f"{sys.executable} {script}")
    told = file_shop("segments", "--edit").err
    assert "cannot be read. It is kept: " in told
    kept = Path(told.partition("It is kept: ")[2].splitlines()[0])
    assert kept.read_bytes() == b"[G\xe4ste]"
    shutil.rmtree(kept.parent)


def test_a_document_is_edited_in_the_persons_editor(
    shop: Program, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = "[Retail]\nkeep_in_touch_days = 30\n"
    monkeypatch.setenv("EDITOR", editor(tmp_path, good, "[Retail]\nkeep_in_touch_days = 'x'\n", good))
    assert shop("segments", "--edit").code == 0
    assert [row["keep_in_touch_days"] for row in shop("segments", "--json").json] == [90, 30]
    wrong = shop("segments", "--edit")
    assert (wrong.code, "Segment \"Retail\" has keep_in_touch_days = 'x'." in wrong.err) == (2, True)
    (kept,) = (home / ".local/share/refertrack").glob("segments-*.toml")
    assert (str(kept) in wrong.err, kept.read_text()) == (True, "[Retail]\nkeep_in_touch_days = 'x'\n")
    monkeypatch.setenv("EDITOR", "false")
    assert "ended with 1; nothing was changed." in shop("segments", "--edit").err
    monkeypatch.setenv("EDITOR", "/no/editor")
    assert "cannot be started" in shop("segments", "--edit").err
    assert shop("segments", "--edit", "--no-input").code == 2


def test_who_saves_second_is_told_and_keeps_what_was_typed(
    shop: Program, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from refertrack.cli import editor as editing

    def meanwhile(_environment: object, _text: str, _name: str) -> str:
        assert shop("segments", "set", "Private", "--lost-touch", "99").code == 0
        return "[Retail]\nkeep_in_touch_days = 30\n"

    monkeypatch.setattr(editing, "edited", meanwhile)
    late = shop("segments", "--edit")
    assert (late.code, "changed by somebody else meanwhile" in late.err) == (1, True)
    (kept,) = (home / ".local/share/refertrack").glob("segments-*.toml")
    assert kept.read_text() == "[Retail]\nkeep_in_touch_days = 30\n"
    assert {row["name"] for row in shop("segments", "--json").json} == {"*", "Private"}


def test_what_no_command_wrote_into_the_documents_is_told_as_damage(shop: Program) -> None:
    assert shop("config", "set", "worth.margin", "40").code == 0
    assert shop("check").code == 0
    with engine.writing(parse_target(os.environ["REFERTRACK_DB"]), make_context()) as session:
        session.execute(text("UPDATE setting SET document = 'margin = \"x\"' WHERE name = 'worth'"))
    for line in (("report",), ("add-customer", "Hanna Berg"), ("config",), ("undo",)):
        told = shop(*line)
        assert told.code == 1, line
        assert "holds something that refertrack did not write: Worth has margin = 'x'." in told.err
        assert "refertrack check; put a backup in its place" in told.err
    (found,) = shop("check", "--json").json
    assert "worth" in found["words"] or found["words"] == "row 1 of setting holds no whole words in document"
    assert shop("due").code == 0  # what needs no rules goes on


def test_a_value_of_ones_own_file_that_is_no_text_is_told(shop: Program, home: Path) -> None:
    file_of(home).parent.mkdir(parents=True, exist_ok=True)
    file_of(home).write_text("sender = 5\n")
    told = shop("config")
    assert (told.code, "has sender = 5, which is no text." in told.err) == (2, True)
