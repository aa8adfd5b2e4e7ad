"""Names, e-mail addresses and phone numbers: as typed, and as keys to match by."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from refertrack.rules.errors import BadValue
from refertrack.rules.text import without_accents

FREE_MAIL = frozenset([
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com",
    "yahoo.co.uk", "ymail.com", "aol.com", "icloud.com", "me.com", "mac.com", "gmx.de", "gmx.net", "gmx.at",
    "gmx.com", "web.de", "t-online.de", "freenet.de", "mail.com", "mail.ru", "yandex.ru", "proton.me",
    "protonmail.com", "zoho.com", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "libero.it",
    "telia.com", "btinternet.com", "comcast.net", "verizon.net", "att.net", "qq.com", "163.com", "126.com",
    "naver.com", "fastmail.com", "hey.com",
])  # fmt: skip
_TITLES = frozenset([
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "dame", "herr", "frau", "fr", "hr", "fru", "m", "mme",
    "mlle", "monsieur", "madame", "mademoiselle", "maitre", "sr", "sra", "srta", "senor", "senora", "senorita", "dona",
    "dna", "dra", "profa", "lic", "ing", "dipl",
])  # fmt: skip

# Words that say that a name is a firm's: legal forms stand at its end, written as here, since Sa and Ek are surnames.
_LEGAL_FORMS = frozenset([
    "AB", "AG", "A/S", "AS", "BV", "Corp", "GbR", "GmbH", "Inc", "KG", "Kft", "LLC", "LLP", "Lda", "Limited",
    "Ltd", "NV", "OHG", "Oy", "PLC", "Pty", "SA", "SARL", "SAS", "SL", "SRL", "SpA", "UG", "eG", "eK",
    "CV", "EURL", "SASU", "SCI", "SCOP", "SLU", "SNC", "gmbh", "inc", "limited", "ltd",
])  # fmt: skip
# Words that only firms have in their names, without accents. Who is one by mistake is addressed by the whole name.
_FIRMS = frozenset([
    "&", "+", "agency", "agentur", "and", "apotheke", "asesoria", "asociacion", "asociados", "associes", "association",
    "atelier", "auberge", "autohaus", "ayuntamiento", "backerei", "bageri", "bakery", "bar", "bistro", "bistrot",
    "bodega", "bodegas", "boucherie", "boulangerie", "brasserie", "broderna", "buchhandlung", "bygg", "cabinet", "cafe",
    "carniceria", "casa", "chateau", "clinic", "clinica", "clinique", "coiffure", "colegio", "college", "company",
    "construcciones", "consulting", "domaine", "ecole", "elektro", "entreprise", "escuela", "et", "farmacia",
    "fastigheter", "ferreteria", "fils", "finca", "firma", "fleuriste", "floristeria", "fontaneria", "foundation",
    "freres", "fundacion", "garage", "gasthaus", "gasthof", "gebruder", "gestoria", "gite", "group", "groupe", "grupo",
    "gruppe", "hermanos", "hijos", "holding", "hospital", "hostal", "hostel", "hotel", "imprenta", "inmobiliaria",
    "instalaciones", "institut", "institute", "jardins", "kanzlei", "klinik", "kommun", "librairie", "libreria",
    "library", "lycee", "mairie", "maison", "menuiserie", "metzgerei", "ministry", "musee", "museum", "och",
    "panaderia", "patisserie", "peluqueria", "pension", "pharmacie", "pharmacy", "plomberie", "posada", "praxis",
    "reformas", "restaurant", "restaurante", "school", "schule", "services", "servicios", "skola", "sociedad",
    "societe", "sohne", "solutions", "soluciones", "studio", "supermercado", "systems", "taller", "talleres", "team",
    "the", "tienda", "tischlerei", "traiteur", "transportes", "transports", "und", "universidad", "universitat",
    "universite", "university", "verein", "verkstad", "viajes", "werkstatt", "workshop",
])  # fmt: skip
_ARTICLES = frozenset(["el", "la", "las", "los"])  # before the name of a firm; "Les" and "Le" are names of people too
_PARTS = re.compile(r"[\s'’]+")
_INITIAL = re.compile(r"\w\.")


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
    """Return how to address somebody by their first name: Hanna of "Dr. Hanna Berg" and of "Berg, Hanna".

    It is '' where that is not known, and the whole name has to do: of a firm or a couple, and where a title or an
    initial stands for it ("M. Dupont", "J. Smith").
    """
    if is_firm(name):
        return ""
    _, comma, after = name.partition(",")
    words = (after if comma and after.strip() else name).split()
    plain = _without_titles(words)
    if not plain or _INITIAL.fullmatch(plain[0]) or (len(plain) == 1 < len(words) and not comma):
        return ""
    return plain[0]


def _without_titles(words: list[str]) -> list[str]:
    """Return the words of a name without titles; "Don" is one where two names follow."""
    titles = _TITLES | {"don"} if len(words) > 2 else _TITLES
    return [word for word in words if without_accents(word.rstrip(".").casefold()) not in titles]


def is_firm(name: str) -> bool:
    """Whether a name tells that it is no one person's, such as "Old Mill Hotel", "Berg & Sons Ltd." or "Ana y Luis"."""
    words = _PARTS.split(without_accents(key(name)))
    if len(words) < 2:
        return False
    legal = name.rsplit(maxsplit=1)[-1].replace(".", "") in _LEGAL_FORMS
    couple = len(words) > 2 and words[1] in {"e", "y"}
    return legal or couple or words[0] in _ARTICLES or not _FIRMS.isdisjoint(words)


def surname(name: str) -> str:
    """Return the last word of a name, or what stands before a comma; '' where there is one word only."""
    before, comma, after = name.partition(",")
    if comma and after.strip():
        return before.strip()
    words = _without_titles(name.split())
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
