"""Letters on their way out: mail files and mailto links, with nothing smuggled into a header."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refertrack.drafts.outgoing import mailto, to_eml, wrapped
from refertrack.drafts.render import Letter
from refertrack.rules.errors import BadValue

NOW = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
TXT = Path("own.txt.j2")


def letter(subject: str = "Grüße & more", body: str = "Dear Ateş,\n\nwelcome.\n", path: Path = TXT) -> Letter:
    return Letter(subject, body, "own", path)


def read(data: bytes) -> EmailMessage:
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def body_of(message: EmailMessage) -> str:
    """Return the body with line ends as letters have them; on the way they are CRLF."""
    return message.get_content().replace("\r\n", "\n")


def eml(made: Letter, to: str = "Ateş Yılmaz", email: str = "ates@example.org", sender: str = "Nora Lind") -> bytes:
    return to_eml(made, to, email, sender, "nora@example.org", now=NOW)


def test_mail_file_opens_as_a_draft() -> None:
    data = eml(letter())
    message = read(data)
    assert dict(message.items()) == {
        "Subject": "Grüße & more",
        "To": "Ateş Yılmaz <ates@example.org>",
        "From": "Nora Lind <nora@example.org>",
        "Date": "Tue, 24 Nov 2026 08:30:00 +0000",
        "X-Unsent": "1",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "quoted-printable",
        "MIME-Version": "1.0",
    }
    assert body_of(message) == "Dear Ateş,\n\nwelcome.\n"
    assert data.isascii()
    assert b"\n" not in data.replace(b"\r\n", b"")


def test_html_stays_html() -> None:
    message = read(eml(letter(body="<p>Grüße</p>\n", path=Path("own.html.j2"))))
    assert message.get_content_type() == "text/html"
    assert body_of(message) == "<p>Grüße</p>\n"


def test_without_a_sender_the_mail_program_puts_in_its_own() -> None:
    message = read(to_eml(letter(), "", "ates@example.org", "", "", now=NOW))
    assert message["From"] is None
    assert message["To"] == "ates@example.org"


@pytest.mark.parametrize(
    "name",
    ['Berg, "Hanna"', "O'Neil; (Bo) <x@example.org>", "=?utf-8?q?x?=", "王小明", "a" * 200, "José " * 30, "@", "."],
)
def test_any_name_is_one_recipient(name: str) -> None:
    message = read(eml(letter(), to=name))
    (address,) = message["To"].addresses
    assert address.addr_spec == "ates@example.org"


BREAKS = ["a\r\nBcc: all@example.org", "a\nb", "a\rb", "a\x00b", "a\x0bb", "a\x85b", "a\u2028b", "a\x1b[31m", "\ud800"]


@pytest.mark.parametrize("text", BREAKS)
def test_nothing_is_smuggled_into_a_header(text: str) -> None:
    for made in (
        lambda: eml(letter(subject=text)),
        lambda: eml(letter(), to=text),
        lambda: eml(letter(), sender=text),
        lambda: eml(letter(), email=f"{text}@example.org"),
        lambda: to_eml(letter(), "x", "x@example.org", "y", f"y@{text}", now=NOW),
        lambda: mailto(letter(subject=text), "x@example.org"),
        lambda: mailto(letter(), f"{text}@example.org"),
    ):
        with pytest.raises(BadValue) as caught:
            made()
        assert caught.value.hint


@pytest.mark.parametrize(
    "email",
    ["", "nobody", "@example.org", "a@", "a b@example.org", "a@b@example.org", "a,b@example.org", "<a@example.org>"],
)
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(BadValue) as caught:
        eml(letter(), email=email)
    assert caught.value.hint == "Set it: refertrack edit-customer CUSTOMER --email ADDRESS"
    assert caught.value.field == "email"


def test_a_bad_sender_is_told_where_to_set_it() -> None:
    with pytest.raises(BadValue, match='"nora" is no e-mail address') as caught:
        to_eml(letter(), "x", "x@example.org", "Nora", "nora", now=NOW)
    assert caught.value.hint == "Set it: refertrack config set sender_email ADDRESS"


LINES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=300)


@settings(deadline=None)
@given(st.lists(LINES, max_size=5), LINES)
def test_a_letter_comes_out_as_it_went_in(lines: list[str], subject: str) -> None:
    body = "\n".join(lines) + "\n"
    data = eml(letter(subject=" ".join(subject.split()), body=body))
    message = read(data)
    assert body_of(message) == body
    assert message["X-Unsent"] == "1"
    assert len(message["To"].addresses) == 1
    assert max(map(len, data.split(b"\r\n"))) <= 998


def test_half_a_character_in_the_body_is_refused() -> None:
    for made in (lambda: eml(letter(body="a\ud800b\n")), lambda: mailto(letter(body="a\ud800b\n"), "x@example.org")):
        with pytest.raises(BadValue, match="half a character"):
            made()


def test_mailto_is_encoded() -> None:
    made = letter(subject="a + b & c=d?", body="Dear Ateş,\n\n100 % #1\n")
    assert mailto(made, "ates+shop@example.org") == (
        "mailto:ates+shop@example.org?subject=a%20%2B%20b%20%26%20c%3Dd%3F"
        "&body=Dear%20Ate%C5%9F%2C%0D%0A%0D%0A100%20%25%20%231"
    )


@pytest.mark.parametrize(
    ("email", "encoded"),
    [
        ("a&cc=x@example.org", "a%26cc%3Dx@example.org"),
        ("a?bcc=x@example.org", "a%3Fbcc%3Dx@example.org"),
        ("a%40b@example.org", "a%2540b@example.org"),
        ("o'neil@example.org", "o'neil@example.org"),
        ("ates@bücher.example", "ates@b%C3%BCcher.example"),
    ],
)
def test_mailto_addresses_add_no_fields(email: str, encoded: str) -> None:
    link = mailto(letter(), email)
    assert link.startswith(f"mailto:{encoded}?subject=")
    assert list(parse_qs(urlsplit(link).query)) == ["subject", "body"]


@settings(deadline=None)
@given(LINES, LINES)
def test_mailto_comes_out_as_it_went_in(subject: str, body: str) -> None:
    link = mailto(letter(subject=subject, body=f"{body}\nend\n"), "x@example.org")
    fields = dict(part.split("=") for part in link.partition("?")[2].split("&"))
    assert unquote(fields["subject"]) == subject
    assert unquote(fields["body"]) == f"{body}\r\nend"
    assert link.isascii()


def test_html_is_no_mailto() -> None:
    with pytest.raises(BadValue, match="plain text only"):
        mailto(letter(path=Path("own.html.j2")), "x@example.org")


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("", ""),
        ("a b\n\nc\n", "a b\n\nc\n"),
        ("one two three four\n", "one two\nthree four\n"),
        ("- one two three\n12. one two three\n", "- one two\n  three\n12. one two\n    three\n"),
        ("see https://example.org/long-page now\n", "see\nhttps://example.org/long-page\nnow\n"),
    ],
)
def test_on_a_narrow_screen(body: str, shown: str) -> None:
    assert wrapped(body, 11) == shown
