"""Names, e-mail addresses and phone numbers: as typed, and as keys to match by."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from refertrack.rules.errors import BadValue

FREE_MAIL = frozenset([
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com",
    "yahoo.co.uk", "ymail.com", "aol.com", "icloud.com", "me.com", "mac.com", "gmx.de", "gmx.net", "gmx.at",
    "gmx.com", "web.de", "t-online.de", "freenet.de", "mail.com", "mail.ru", "yandex.ru", "proton.me",
    "protonmail.com", "zoho.com", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "libero.it",
    "telia.com", "btinternet.com", "comcast.net", "verizon.net", "att.net", "qq.com", "163.com", "126.com",
    "naver.com", "fastmail.com", "hey.com",
])  # fmt: skip
_TITLES = frozenset([
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "dame", "herr", "frau", "fr", "hr", "m", "mme",
    "mlle", "sr", "sra", "ing", "dipl",
])  # fmt: skip

# Words that say that a name is a firm's: legal forms stand at its end, written as here, since Sa and Ek are surnames.
_LEGAL_FORMS = frozenset([
    "AB", "AG", "A/S", "AS", "BV", "Corp", "GbR", "GmbH", "Inc", "KG", "Kft", "LLC", "LLP", "Lda", "Limited",
    "Ltd", "NV", "OHG", "Oy", "PLC", "Pty", "SA", "SARL", "SAS", "SL", "SRL", "SpA", "UG", "eG", "eK",
    "gmbh", "inc", "limited", "ltd",
])  # fmt: skip
_FIRMS = frozenset([
    "&", "+", "agency", "agentur", "and", "apotheke", "association", "bakery", "bistro", "café", "cafe",
    "clinic", "company", "consulting", "foundation", "garage", "group", "gruppe", "holding", "hospital",
    "hostel", "hotel", "hôtel", "institute", "klinik", "library", "ministry", "museum", "pharmacy",
    "pension", "praxis", "restaurant", "school", "schule", "services", "solutions", "studio", "systems",
    "team", "the", "und", "university", "universität", "verein", "werkstatt", "workshop",
])  # fmt: skip


def key(text: str) -> str:
    """Return the spelling by which names are matched: NFC, casefolded, white space folded."""
    if text.isascii():
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFD", text).casefold())
    return " ".join(folded.split())


def email_key(text: str) -> str:
    """Return the spelling by which e-mail addresses are matched."""
    if text.isascii():
        return text.strip().lower()
    return unicodedata.normalize("NFC", text.strip()).casefold()


def phone_key(text: str) -> str:
    """Return the digits of a phone number."""
    return "".join(character for character in text if character.isdigit())


def escape_like(text: str) -> str:
    """Return text for a LIKE pattern whose escape character is the backslash."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def parse_email(text: str) -> str:
    """Return an e-mail address in its usual spelling; nothing is looked up on the network.

    Raises:
        BadValue: it is none.

    """
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(text.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise BadValue(f'"{text}" is no e-mail address.', "Like this: hanna@example.org", field="email") from error


def parse_phone(text: str, country: str) -> str:
    """Return a phone number as E.164, such as +4681234567.

    Args:
        text: the number as written.
        country: two letters of the country that numbers without a + belong to, '' where unknown.

    Raises:
        BadValue: it is no number, or has no country.

    """
    import phonenumbers

    try:
        number = phonenumbers.parse(text, country.upper() or None)
    except phonenumbers.NumberParseException as error:
        raise BadValue(
            f'"{text}" is no phone number.',
            "Like this: +46 8 123 45 67, with the country's code.",
            field="phone",
        ) from error
    if not phonenumbers.is_possible_number(number):
        raise BadValue(f'"{text}" has too few or too many digits.', "Like this: +46 8 123 45 67", field="phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def try_phone(text: str, country: str) -> str | None:
    """Return a phone number as E.164, or None where it is none."""
    try:
        return parse_phone(text, country)
    except BadValue:
        return None


def first_name(name: str) -> str:
    """Return how to address somebody: the first word that is no title; of "Berg, Hanna" it is Hanna, of a firm ''."""
    if is_firm(name):
        return ""
    _, comma, after = name.partition(",")
    words = (after if comma and after.strip() else name).split()
    plain = [word for word in words if word.rstrip(".").casefold() not in _TITLES]
    return (plain or words or [""])[0]


def is_firm(name: str) -> bool:
    """Whether a name tells that it is a firm's and nobody's own, such as "Old Mill Hotel" or "Berg & Sons Ltd."."""
    words = name.split()
    if len(words) < 2:
        return False
    return words[-1].replace(".", "") in _LEGAL_FORMS or not _FIRMS.isdisjoint(key(name).split())


def surname(name: str) -> str:
    """Return the last word of a name, or what stands before a comma; '' where there is one word only."""
    before, comma, after = name.partition(",")
    if comma and after.strip():
        return before.strip()
    words = [word for word in name.split() if word.rstrip(".").casefold() not in _TITLES]
    return words[-1] if len(words) > 1 else ""


def email_domain(email: str) -> str:
    """Return what stands behind the @ of an address, '' where there is none."""
    return email.rpartition("@")[2].casefold() if "@" in email else ""


def is_free_mail(domain: str) -> bool:
    """Whether a domain gives addresses to everybody, so that sharing it means nothing."""
    return domain.casefold() in FREE_MAIL


@lru_cache(maxsize=1)
def _territories() -> dict[str, str]:
    from babel import Locale

    found: dict[str, str] = {}
    for language in ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl"):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                found.setdefault(key(name), code)
    return found | {"uk": "GB", "usa": "US", "u.s.a.": "US", "england": "GB", "scotland": "GB"}


def country_code(text: str) -> str | None:
    """Return the two letters of a country that is named in words or letters, or None."""
    wanted = key(text)
    if not wanted:
        return None
    if len(wanted) == 2 and wanted.isascii() and wanted != "uk":
        return wanted.upper()
    return _territories().get(wanted)
