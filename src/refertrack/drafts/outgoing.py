"""A letter on its way out: as a mail file that opens as a draft, or as a link that a mail program takes."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import quote

from refertrack.drafts.render import Letter
from refertrack.rules.errors import BadValue

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ITEM = re.compile(r"(?:-|\d+\.) ")
# RFC 6068, section 2: what may stand in an address of a mailto link as it is.
_SAFE_IN_ADDRESS = "!$'*+"


def to_eml(letter: Letter, to_name: str, to_email: str, from_name: str, from_email: str, *, now: datetime) -> bytes:
    """Return a letter as a mail file (RFC 5322), marked so that mail programs open it to be sent.

    Args:
        letter: what to send.
        to_name: the recipient's name; may be empty.
        to_email: the recipient's address.
        from_name: the sender's name; may be empty.
        from_email: the sender's address; if empty, the mail program puts in its own.
        now: the moment to date it with, with its zone.

    Raises:
        BadValue: a name, an address or the subject could smuggle in a header, or an address is none.

    """
    from email.message import EmailMessage
    from email.policy import SMTP
    from email.utils import format_datetime

    message = EmailMessage(policy=SMTP)
    message["Subject"] = _one_line(letter.subject, "subject")
    message["To"] = _address(to_name, to_email, "recipient")
    if from_email:
        message["From"] = _address(from_name, from_email, "sender")
    message["Date"] = format_datetime(now)
    message["X-Unsent"] = "1"
    # Quoted-printable keeps long paragraphs on one line for the reader, and every line on the way short.
    message.set_content(_encodable(letter.body), subtype="html" if letter.is_html else "plain", cte="quoted-printable")
    return message.as_bytes()


def mailto(letter: Letter, to_email: str) -> str:
    """Return a letter as a mailto link (RFC 6068); HTML is no body for it.

    Raises:
        BadValue: the address holds a line break or is none, or the letter is HTML.

    """
    if letter.is_html:
        raise BadValue("A mailto link carries plain text only.", "Write a mail file instead: --eml FILE")
    local, _, domain = _checked_email(to_email, "recipient").rpartition("@")
    address = f"{quote(local, safe=_SAFE_IN_ADDRESS)}@{quote(domain, safe='')}"
    subject = quote(_one_line(letter.subject, "subject"), safe="")
    body = quote(_encodable(letter.body).rstrip("\n").replace("\n", "\r\n"), safe="")
    return f"mailto:{address}?subject={subject}&body={body}"


def wrapped(body: str, width: int = 79) -> str:
    """Return a letter's text for a screen of so many columns; items of a list hang, addresses stay whole."""
    import textwrap

    lines = []
    for line in body.split("\n"):
        item = _ITEM.match(line)
        lines += textwrap.wrap(
            line,
            width,
            subsequent_indent=" " * len(item[0]) if item else "",
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return "\n".join(lines)


def _address(name: str, email: str, whose: str) -> object:
    """Return an address for a header.

    Raises:
        BadValue: the name or the address holds what no header may hold.

    """
    from email.errors import MessageError
    from email.headerregistry import Address

    display, checked = _one_line(name, f"{whose}'s name"), _checked_email(email, whose)
    try:
        return Address(display_name=display, addr_spec=checked)
    except (MessageError, ValueError, IndexError) as error:
        raise _bad_email(email, whose) from error


def _checked_email(email: str, whose: str) -> str:
    local, at, domain = _one_line(email, f"{whose}'s address").rpartition("@")
    if not at or not local or not domain or any(character.isspace() for character in email):
        raise _bad_email(email, whose)
    return email


def _bad_email(email: str, whose: str) -> BadValue:
    hint = (
        "Set it: refertrack config set sender_email ADDRESS"
        if whose == "sender"
        else "Set it: refertrack edit-customer CUSTOMER --email ADDRESS"
    )
    said = f'"{_CONTROLS.sub("?", email)}" is no e-mail address.' if email else f"The {whose} has no e-mail address."
    return BadValue(said, hint, field="email")


def _one_line(text: str, what: str) -> str:
    """Return the text of a header, which is one line and holds no control character.

    Raises:
        BadValue: it is not.

    """
    if _CONTROLS.search(text):
        raise BadValue(
            f"The {what} holds a line break or a control character.", "Type it again on one line.", field=what
        )
    return _encodable(text)


def _encodable(text: str) -> str:
    """Return the text if it can be written as UTF-8.

    Raises:
        BadValue: it holds half a character.

    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadValue("The letter holds half a character (bad encoding).", "Type that part again.") from error
    return text
