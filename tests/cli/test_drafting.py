"""`draft` and `templates` through the program: every way out, the gates, and what is missing."""

from __future__ import annotations

import errno
import os
import tempfile
from datetime import date
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from conftest import Program, Writing, writer
from refertrack.models.customers import OptOut
from refertrack.models.listening import Feedback
from refertrack.store.settings import save_document
from refertrack.store.target import Target

HANNA = ("add-customer", "Hanna [red]Berg", "--email", "hanna@example.org")


def bought(shop: Program, *more: str) -> int:
    """Add Hanna with a purchase delivered nine days ago; return the item of the check-in."""
    shop(*HANNA, *more)
    shop("add-purchase", "hanna", "--product", "Heat pump", "--ordered", "2026-11-02", "--promised", "2026-11-18",
         "--delivered", "2026-11-15")  # fmt: skip
    (item,) = [row for row in shop("due", "--json").json if row["template"] == "delivery_check"]
    return int(item["id"])


def test_the_letter_of_an_item(shop: Program) -> None:
    number = bought(shop)
    shown = shop("draft", number)
    assert shown.out.startswith("To: Hanna [red]Berg <hanna@example.org>\nSubject: Your Heat pump: is everything")
    letter = shop("draft", number, "--json").json
    assert list(letter) == ["id", "customer_id", "template", "language", "to", "to_name", "channel", "subject", "body"]
    assert (letter["id"], letter["template"], letter["channel"]) == (number, "delivery_check", "email")
    assert "three days before the date we had promised" in letter["body"]
    assert shop("draft", "--json").json["template"] == "thank_you_card"


def test_any_letter_for_a_customer(shop: Program) -> None:
    bought(shop)
    letter = shop("draft", "late_apology", "hanna", "--json").json
    assert (letter["id"], letter["subject"]) == (None, "We did not keep our promise")
    missing = shop("draft", "you_said_we_did", "hanna", "--json")
    assert (missing.code, missing.out) == (1, "")
    assert '\\"action.said\\" has no value' in missing.err
    assert shop("draft", "thnk_you", "hanna").code == 3
    assert shop("draft", "thank_you_card").err.startswith('Whom is "thank_you_card" for?')
    assert shop("draft", "1", "hanna").code == 2
    assert shop("draft", 999).code == 3


def test_a_missing_field_is_named_with_the_command_that_gives_it(shop: Program) -> None:
    number = bought(shop)
    refused = shop("draft", "announcement", "hanna")
    assert refused.code == 1
    assert '"announcement.title" has no value.' in refused.err
    sheet = shop("draft", "lost_touch_2", "hanna")
    assert '"talk.shared" has no value.' in sheet.err
    assert 'refertrack draft lost_touch_2 1 --set talk.shared="one; another"' in sheet.err
    given = shop("draft", "lost_touch_2", "hanna", "--set", "talk.shared=The annexe opens in May; new boss",
                 "--set", "talk.next_on=in 2 weeks")  # fmt: skip
    assert "- The annexe opens in May\n- new boss\n" in given.out
    assert "Tuesday 8 December" in given.out
    wrong = shop("draft", number, "--set", "purchase.promised_on=31.2.")
    assert (wrong.code, '"31.2." is no date.' in wrong.err) == (2, True)


def test_a_mail_file_is_whole_private_and_over_nothing(file_shop: Program, tmp_path: Path) -> None:
    number = bought(file_shop)
    path = tmp_path / "letter.eml"
    written = file_shop("draft", number, "--eml", path)
    assert (written.code, written.out) == (0, "")
    assert written.err.startswith(f"Written: {path}, a mail to Hanna")
    assert os.name == "nt" or path.stat().st_mode & 0o777 == 0o600
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert (message["To"], message["X-Unsent"]) == ('"Hanna [red]Berg" <hanna@example.org>', "1")
    again = file_shop("draft", number, "--eml", path)
    assert (again.code, "--force" in again.err) == (1, True)
    assert file_shop("draft", number, "--eml", path, "--force").code == 0
    link = tmp_path / "link.eml"
    link.symlink_to(tmp_path / "elsewhere.eml")
    assert file_shop("draft", number, "--eml", link, "--force").code == 1
    assert not (tmp_path / "elsewhere.eml").exists()
    streamed = file_shop("draft", number, "--eml", "-")
    assert message_from_bytes(streamed.out.encode(), policy=policy.default)["Subject"] == message["Subject"]
    assert file_shop("draft", number, "--eml", path, "--copy").code == 2


def test_a_link_for_the_mail_program(file_shop: Program) -> None:
    number = bought(file_shop)
    link = file_shop("draft", number, "--mailto").out.strip()
    assert link.startswith("mailto:hanna@example.org?subject=Your%20Heat%20pump")
    assert "Dear Hanna" in unquote(link)
    file_shop("add-customer", "Nobody Knows")
    refused = file_shop("draft", "keep_in_touch", "nobody", "--mailto")
    assert (refused.code, "edit-customer 2 --email ADDRESS" in refused.err) == (1, True)


def test_a_letter_is_copied_or_the_missing_clipboard_is_named(
    file_shop: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyperclip

    number = bought(file_shop)
    kept: list[str] = []
    monkeypatch.setattr(pyperclip, "copy", kept.append)
    copied = file_shop("draft", number, "--copy")
    assert copied.err.startswith("Copied: the letter to Hanna [red]Berg. Its subject: Your Heat pump")
    assert kept[0].startswith("Dear Hanna")

    def refuse(text: str) -> None:
        raise pyperclip.PyperclipException("none")

    monkeypatch.setattr(pyperclip, "copy", refuse)
    refused = file_shop("draft", number, "--copy")
    assert (refused.code, refused.err.splitlines()[0]) == (1, "There is no clipboard within reach here.")


@pytest.mark.parametrize(
    ("channel", "purpose", "code"),
    [("email", "any", 1), ("any", "service", 1), ("any", "any", 1), ("phone", "any", 0), ("email", "survey", 0)],
)
def test_an_opt_out_stops_a_letter(shop: Program, write: Writing, channel: str, purpose: str, code: int) -> None:
    bought(shop)
    with write() as session:
        session.add(OptOut(customer_id=1, channel=channel, purpose=purpose, since=date(2026, 11, 1)))
    for more in ([], ["--anyway", "she called"]):
        refused = shop("draft", "delivery_check", "hanna", *more)
        assert refused.code == code
        assert ("has opted out: no letters by e-mail" in refused.err) is (code == 1)


def test_an_opt_out_of_mail_stops_mail_whatever_the_letter_was_drafted_for(shop: Program, write: Writing) -> None:
    bought(shop, "--channel", "post")
    with write() as session:
        session.add(OptOut(customer_id=1, channel="email", purpose="any", since=date(2026, 11, 1)))
    assert shop("draft", "delivery_check", "hanna").code == 0
    refused = shop("draft", "delivery_check", "hanna", "--mailto")
    assert (refused.code, "has opted out of e-mail" in refused.err) == (1, True)


def test_an_open_complaint_holds_what_sells_or_asks(shop: Program, write: Writing) -> None:
    bought(shop)
    with write() as session:
        session.add(Feedback(customer_id=1, kind="complaint", on_day=date(2026, 11, 20), words="cold"))
    refused = shop("draft", "keep_in_touch", "hanna")
    assert (refused.code, "a complaint of 20 Nov 2026 is not settled" in refused.err) == (1, True)
    assert shop("draft", "delivery_check", "hanna").code == 0
    letter = shop("draft", "keep_in_touch", "hanna", "--anyway", "she asked me to", "--json").json
    assert letter["anyway"] == "she asked me to"
    with write() as session:
        complaint = session.get(Feedback, 1)
        complaint.resolved_on = date(2026, 11, 17)
        session.add(complaint)
    assert shop("draft", "keep_in_touch", "hanna").code == 0


def test_all_that_is_due(shop: Program, tmp_path: Path) -> None:
    assert (shop("draft", "--all", "--json").json, shop("draft", "--all").code) == ([], 0)
    bought(shop)
    shop("add-customer", "Jo Park")
    shop("add-purchase", "jo", "--product", "Stove", "--ordered", "2026-11-20")
    shown = shop("draft", "--all")
    assert (shown.code, shown.out.count("Subject: ")) == (0, 3)
    assert [each["template"] for each in shop("draft", "thank_you_card", "--all", "--json").json] == [
        "thank_you_card",
        "thank_you_card",
    ]
    folder = tmp_path / "letters"
    written = shop("draft", "--all", "--eml", folder)
    assert written.code == 1
    assert "2 of 3 letters are written; these are not:" in written.err
    assert "Jo Park has no e-mail address on record." in written.err
    assert sorted(path.name.partition("-")[2] for path in folder.iterdir()) == [
        "delivery_check-hanna-red-berg.eml",
        "thank_you_card-hanna-red-berg.eml",
    ]
    assert os.name == "nt" or folder.stat().st_mode & 0o777 == 0o700
    again = shop("draft", "delivery_check", "--all", "--eml", folder)
    assert (again.code, "--force" in again.err) == (1, True)
    assert shop("draft", "delivery_check", "--all", "--eml", folder, "--force").code == 0
    assert shop("draft", "--all", "no_such_letter").code == 3
    assert len(shop("draft", "--all", "--mailto").out.splitlines()) == 2


def test_a_disk_that_is_full_after_the_first_letter_is_told_with_what_is_written(
    shop: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bought(shop)
    folder, whole = tmp_path / "letters", tempfile.mkstemp
    calls: list[int] = []

    def full(*arguments: Any, **named: Any) -> tuple[int, str]:
        calls.append(1)
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return whole(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "mkstemp", full)
        told = shop("draft", "--all", "--eml", folder)
    (written,) = folder.iterdir()
    assert (told.code, "Nothing was changed" in told.err) == (1, False)
    assert f"Written: {written}" in told.err
    assert "could not be written: No space left on device. Of 2 letters 1 are written." in told.err
    assert shop("draft", "--all", "--eml", folder, "--force").code == 0  # what the hint says
    assert len(list(folder.iterdir())) == 2
    calls.clear()
    with monkeypatch.context() as patch:
        calls.append(1)  # the first already
        patch.setattr(tempfile, "mkstemp", full)
        none = shop("draft", "--all", "--eml", tmp_path / "more")
    assert (none.code, "No space left on device. Nothing was changed." in none.err) == (1, True)


def test_a_customers_channel_and_language_choose_the_letter(file_shop: Program, home: Path) -> None:
    number = bought(file_shop, "--channel", "phone", "--phone", "+46812345678", "--language", "sv-SE")
    sheet = file_shop("draft", number)
    assert sheet.out.startswith("For us: Call Hanna [red]Berg: is everything as it should be?")
    assert file_shop("draft", number, "--channel", "email").out.startswith("To: Hanna")
    made = file_shop("templates", "--copy-to-mine", "delivery_check", "--language", "sv", "--json").json
    own = Path(made["path"])
    assert (own.name, made["mine"], made["language"]) == ("delivery_check.sv.txt.j2", True, "sv")
    own.write_text("Subject: Hej {{ customer.first_name }}\n\nLevererad {{ purchase.delivered_on | day }}.\n")
    assert file_shop("draft", number, "--json").json["body"] == "Levererad 15 november.\n"


def test_templates_are_listed_shown_and_checked(file_shop: Program) -> None:
    listed = file_shop("templates", "--json").json
    card = next(row for row in listed if row["name"] == "thank_you_card")
    assert list(card) == ["name", "title", "about", "to", "purpose", "language", "mine", "path", "languages"]
    assert (card["to"], card["mine"]) == ("customer", False)
    shown = file_shop("templates", "thank_you_card", "--json").json
    fields = {field["field"]: field for field in shown["fields"]}
    assert (fields["customer.name"]["need"], fields["purchase.promised_on"]["need"]) == ("needed", "optional")
    assert fields["purchase.promised_on"]["fill"] == "refertrack add-purchase CUSTOMER --promised DAY"
    assert shown["text"].startswith("{# title: thank-you card")
    checked = file_shop("templates", "--check")
    assert (checked.code, checked.out) == (0, "")
    assert checked.err.endswith("letters, nothing wrong.\n")
    assert file_shop("templates", "no_such").code == 3
    assert file_shop("templates", "--check", "--path").code == 2


def test_a_copy_of_ones_own_wins_and_is_checked(file_shop: Program) -> None:
    bought(file_shop)
    made = file_shop("templates", "--copy-to-mine", "thank_you_card")
    own = Path(file_shop("templates", "thank_you_card", "--path").out.strip())
    assert made.err.startswith(f"Yours now: {own}.")
    assert own.parent == Path(file_shop("templates", "--path").out.strip())
    own.write_text("Subject: Tack {{ customer.nmae }}\n\nx\n")
    checked = file_shop("templates", "--check", "--json")
    assert checked.code == 1
    (problem,) = checked.json
    assert problem["problem"] == 'thank_you_card.txt.j2, line 1: there is no field "customer.nmae".'
    assert (problem["name"], "customer.name" in problem["hint"]) == ("thank_you_card", True)
    own.write_text("Subject: Tack {{ customer.name }}\n\nx\n")
    assert file_shop("draft", "thank_you_card", "hanna", "--json").json["subject"] == "Tack Hanna [red]Berg"
    assert file_shop("templates", "--copy-to-mine", "thank_you_card").code == 1


def test_the_words_of_selling_are_the_businesss(file_shop: Program, sqlite_target: Target) -> None:
    bought(file_shop)
    assert file_shop("draft", "lost_touch_1", "hanna").code == 0
    with writer(sqlite_target)() as session:
        save_document(session, "business", 'selling_words = "trust"')
    refused = file_shop("draft", "lost_touch_1", "hanna")
    assert (refused.code, "must not sell anything, and says “trust”" in refused.err) == (1, True)
