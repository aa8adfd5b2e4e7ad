"""What a person and a business can set, key by key: what it means, where it belongs, and how it is checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from refertrack.rules.errors import BadValue, NotFound
from refertrack.rules.text import NAME_LIMIT, NOTE_LIMIT, clean

PERSONAL = "you"
BUSINESS = "business"
SEGMENTS = "segments"
_NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})  # groups and tests among the codes
COLOURS = ("always", "auto", "never")


@dataclass(frozen=True)
class Preference:
    """A key, whose it is, what it means, and what makes a typed value right (or raises ``BadValue``)."""

    key: str
    whose: str
    words: str
    check: Callable[[str], str]


def _text(key: str) -> Callable[[str], str]:
    return lambda text: clean(text, field=key, limit=NAME_LIMIT)


def _long(key: str) -> Callable[[str], str]:
    return lambda text: clean(text, field=key, limit=NOTE_LIMIT)


def check_country(text: str) -> str:
    """Return the two letters of a country.

    Raises:
        BadValue: there is no such country.

    """
    from babel import Locale

    from refertrack.rules.names import country_code

    code = country_code(text)
    if code is None or code in _NO_COUNTRIES or code not in Locale("en").territories:
        raise BadValue(f'There is no country "{text}".', "Give its name or two letters: Sweden, SE", field="country")
    return code


def check_zone(text: str) -> str:
    """Return a time zone's name; its city alone is enough where only one zone has it.

    Raises:
        BadValue: there is no such zone.

    """
    from zoneinfo import available_timezones

    wanted = "_".join(text.strip().casefold().split())
    zones = sorted(available_timezones())
    same = [zone for zone in zones if zone.casefold() == wanted]
    found = same or [zone for zone in zones if zone.casefold().endswith(f"/{wanted}") and zone.count("/") == 1]
    if len(found) != 1:
        raise BadValue(f'There is no time zone "{text}".', f"Like this: {_nearest(wanted, zones)}", field="zone")
    return found[0]


def _nearest(wanted: str, zones: list[str]) -> str:
    from rapidfuzz import process

    best = process.extractOne(wanted, zones, score_cutoff=75)
    return str(best[0]) if best else "Europe/Stockholm"


def check_link(text: str) -> str:
    """Return the address of a web page.

    Raises:
        BadValue: it is none.

    """
    from urllib.parse import urlsplit

    link = clean(text, field="link", limit=2000)
    try:
        parts = urlsplit(link)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname or any(c.isspace() or c in '<>"' for c in link):
        raise BadValue(f'"{text}" is no address of a web page.', "Like this: https://example.org/review", field="link")
    return link


def check_colour(text: str) -> str:
    """Return when to colour.

    Raises:
        BadValue: it is neither always, auto nor never.

    """
    if text not in COLOURS:
        raise BadValue(f'"{text}" is no way to colour.', f"Say {', '.join(COLOURS)}.", field="color")
    return text


def check_database(text: str) -> str:
    """Return where the database is, as it was typed.

    Raises:
        BadValue: it is empty.

    """
    place = clean(text, field="database", limit=2000)
    if not place:
        raise BadValue("The database has no name.", "Give the path of a file, or postgresql://user@host/name.")
    return place


def check_days(text: str) -> str:
    """Return a number of days.

    Raises:
        BadValue: it is none, or not from 1 to 3650.

    """
    from refertrack.rules import segments

    if not text.strip().isdecimal():
        raise BadValue(f'"{text}" is no number of days.', "Like this: 90", field="days")
    return str(segments.check_days(int(text), field="days"))


def _limit(key: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text.strip() == "0":
            return "0"
        try:
            return check_days(text)
        except BadValue as error:
            raise BadValue(error.message, "Give a number of days; 0 is the same day.", field=key) from error

    return check


def _email(text: str) -> str:
    from refertrack.rules.names import parse_email

    return parse_email(text)


def _currency(text: str) -> str:
    from refertrack.rules.money import check_currency

    return check_currency(text)


def _language(text: str) -> str:
    from refertrack.rules.languages import check_language

    return check_language(text)


PREFERENCES: tuple[Preference, ...] = (
    Preference("name", BUSINESS, "the name of your business", _text("name")),
    Preference("currency", BUSINESS, "the currency of amounts that name none", _currency),
    Preference("country", BUSINESS, "the country of phone numbers, holidays and dates", check_country),
    Preference("zone", BUSINESS, "the time zone that says which day it is", check_zone),
    Preference("language", BUSINESS, "the language of letters where a customer's is not known", _language),
    Preference("review_link", BUSINESS, "where customers can review you", check_link),
    Preference("share_link", BUSINESS, "what customers can pass on", check_link),
    Preference("linkedin_link", BUSINESS, "your page on LinkedIn", check_link),
    Preference("card_link", BUSINESS, "your card on the web", check_link),
    Preference("selling_words", BUSINESS, "words that no letter of service may hold", _long("selling_words")),
    Preference("acknowledge_days", BUSINESS, "days within which a complaint is answered", _limit("acknowledge_days")),
    Preference("resolve_days", BUSINESS, "days within which a complaint is put right", _limit("resolve_days")),
    Preference("keep_in_touch_days", SEGMENTS, "days after a contact on which to be in touch again", check_days),
    Preference("lost_touch_days", SEGMENTS, "days without a contact after which a customer is lost", check_days),
    Preference("database", PERSONAL, "the file or server that holds the customers", check_database),
    Preference("author", PERSONAL, "the name that the history shows for your changes", _text("author")),
    Preference("sender", PERSONAL, "your name, as letters are signed", _text("sender")),
    Preference("sender_email", PERSONAL, "your e-mail address, as letters are signed", _email),
    Preference("sender_phone", PERSONAL, "your phone number, as letters are signed", _text("sender_phone")),
    Preference("signature", PERSONAL, "the end of each letter, in place of name and phone", _long("signature")),
    Preference("color", PERSONAL, "always, auto or never", check_colour),
)  # fmt: skip
BY_KEY = {preference.key: preference for preference in PREFERENCES}
PERSONAL_KEYS = tuple(preference.key for preference in PREFERENCES if preference.whose == PERSONAL)
_OTHER_WORDS = {"business": "name", "time_zone": "zone", "timezone": "zone", "colour": "color", "db": "database"}


def preference(text: str) -> Preference:
    """Return what a person means by a key; dashes are as good as underscores.

    Raises:
        NotFound: nobody reads such a key; the sentence names close ones.

    """
    wanted = text.strip().casefold().replace("-", "_")
    wanted = _OTHER_WORDS.get(wanted, wanted)
    if wanted in BY_KEY:
        return BY_KEY[wanted]
    from rapidfuzz import process

    close = [key for key, score, _ in process.extract(wanted, list(BY_KEY), limit=3) if score >= 70]
    words = f" Close: {', '.join(close)}." if close else ""
    raise NotFound(f'There is no setting "{text}".{words}', "See all: refertrack config")
