"""What a file can tell, and the words that headers use for it."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from refertrack.exchange.field import Field
from refertrack.exchange.field import field as _field
from refertrack.exchange.survey_fields import SURVEYS
from refertrack.exchange.trade_fields import ASKS, REFERRALS, SPEND

_NO_ADDRESS = "type, label, opt, marketing, status, accepts, consent, subscription, verified"

_CUSTOMERS = (
    _field(
        "external_id",
        "id",
        "external id, customer id, client id, contact id, record id, customer number, customer "
        "no, client number, account number, member id, kundennummer, kunden nr, id cliente, id",
    ),
    _field(
        "first_name",
        "name",
        "first name, given name, firstname, forename, vorname, prénom, prenom, förnamn, fornavn, voornaam",
    ),
    _field(
        "last_name",
        "name",
        "last name, family name, lastname, surname, nachname, nom de famille, apellidos, "
        "apellido, efternamn, etternavn, achternaam, cognome",
    ),
    _field(
        "name",
        "name",
        "name, full name, contact name, customer name, client name, display name, contact person, "
        "contact, customer, client, kunde, ansprechpartner, nom, nombre, nome, naam, namn",
        required=True,
    ),
    _field(
        "company",
        "text",
        "company, company name, organization name, organisation name, organization, organisation, "
        "organization 1 name, account name, business name, associated company, company account, "
        "employer, firm, firma, unternehmen, société, entreprise, empresa, azienda, bedrijf, "
        "företag",
        never="id, yomi, phone",
    ),
    _field(
        "email",
        "email",
        "email, email address, email 1 value, primary email, work email, contact email, mail, "
        "email adresse, correo electrónico, correo, courriel, e post",
        within="email",
        never=_NO_ADDRESS,
    ),
    _field(
        "phone",
        "phone",
        "phone, phone number, mobile, mobile phone, mobile number, phone 1 value, primary phone, "
        "telephone, tel, business phone, work phone, home phone, phone numbers, cell, cell phone, "
        "telefon, telefonnummer, handy, mobil, téléphone, teléfono, telefono, telefoon",
        within="phone, mobile, telephone",
        never=_NO_ADDRESS + ", fax, assistant s",
    ),
    _field(
        "segment",
        "text",
        "segment, customer segment, customer group, customer type, labels, group membership, "
        "group, category, client type, kundengruppe, gruppe",
    ),
    _field(
        "owner",
        "text",
        "owner, contact owner, account owner, lead owner, account manager, sales rep, "
        "salesperson, assigned to, responsible, betreuer",
    ),
    _field(
        "source",
        "text",
        "source, lead source, customer source, how did you hear about us, original source, "
        "origin, acquisition channel, herkunft",
    ),
    _field(
        "city",
        "text",
        "city, town, mailing city, billing city, business city, home city, address 1 city, ort, "
        "stadt, ville, ciudad, città, plaats, stad",
    ),
    _field(
        "country",
        "text",
        "country, country region, country code, mailing country, billing country, business "
        "country, business country region, home country, home country region, address 1 country, "
        "land, pays, país, paese",
    ),
    _field(
        "language",
        "code",
        "language, preferred language, locale, lang, sprache, langue, idioma",
    ),
    _field(
        "preferred_channel",
        "code",
        "preferred channel, preferred contact, preferred contact method, contact preference",
    ),
    _field(
        "joined_on",
        "date",
        "joined on, joined, customer since, client since, member since, join date, date joined, "
        "became a customer date, become a customer date, sign up date, signup date, created on, "
        "created at, created, create date, created date, creation date, date created, date added, "
        "registered on, registration date, created utc, kunde seit",
    ),
    _field(
        "tags",
        "list",
        "tags, tag, keywords, categories, groups, stichwörter",
    ),
    _field(
        "notes",
        "text",
        "notes, note, comments, comment, remarks, memo, notizen, bemerkung, bemerkungen, remarques, notas",
    ),
    _field(
        "keep_in_touch_days",
        "int",
        "keep in touch days, keep in touch, contact interval, contact every, days between contacts",
    ),
    _field(
        "referred_by",
        "text",
        "referred by, referrer, recommended by, referral from, introduced by, empfohlen von",
    ),
    _field(
        "opt_out",
        "opt_out",
        "opt out, opted out, do not contact, unsubscribed, email opt out, do not email, do not "
        "call, do not mail, has opted out of email, unsubscribed from all email, no marketing, "
        "accepts email marketing, accepts marketing, email subscription status, email marketing "
        "consent, marketing consent, opt in, opted in, email opt in, newsletter, subscribed",
    ),
    _field(
        "status",
        "code",
        "status, customer status, client status, contact status, kundenstatus",
    ),
)

_PURCHASES = (
    _field(
        "external_id",
        "id",
        "external id, order id, order number, order no, purchase id, invoice number, invoice no, "
        "invoice id, transaction id, sale id, receipt number, order, invoice, bestellnummer, "
        "rechnungsnummer, id",
    ),
    _field(
        "customer",
        "id",
        "customer external id, customer id, client id, customer number, customer no, contact id, "
        "customer email, client email, billing email, buyer email, email address, email, "
        "kundennummer, customer, client, kunde",
        required=True,
    ),
    _field(
        "customer_name",
        "name",
        "customer name, client name, billing name, buyer name, buyer, contact name, kundenname",
    ),
    _field(
        "product",
        "text",
        "product, product name, item, item name, line item, lineitem name, article, service, "
        "product title, sku, produkt, artikel, produit, producto",
    ),
    _field(
        "description",
        "text",
        "description, details, order description, item description, memo, notes, beschreibung",
    ),
    _field(
        "quantity",
        "int",
        "quantity, qty, units, pieces, item quantity, lineitem quantity, count, menge, anzahl, quantité, cantidad",
        within="number of, quantity, qty",
        never="per, stock, id",
    ),
    _field(
        "list_amount",
        "money",
        "list amount, list price, regular price, full price, amount before discount, gross before "
        "discount, listenpreis",
    ),
    _field(
        "amount",
        "money",
        "amount, total, order total, grand total, total amount, total price, amount paid, paid, "
        "net amount, revenue, value, order value, dollar value, sales, price, betrag, summe, "
        "gesamtbetrag, montant, importe, total sales",
        within="amount, total, value",
        never="tax, taxes, discount, shipping, refund, refunded, list, id, number, items, currency, date, orders",
    ),
    _field(
        "currency",
        "code",
        "currency, currency code, währung, devise, moneda, valuta",
    ),
    _field(
        "ordered_on",
        "date",
        "ordered on, order date, date ordered, ordered, purchase date, purchased on, date of "
        "purchase, invoice date, sale date, sold on, transaction date, order created, created at, "
        "created on, created, date, paid at, bestelldatum, rechnungsdatum, datum, fecha",
        required=True,
    ),
    _field(
        "promised_on",
        "date",
        "promised on, promised, promised date, promise date, required date, required by, due "
        "date, delivery due, expected delivery, expected delivery date, estimated delivery, "
        "deliver by, liefertermin",
    ),
    _field(
        "delivered_on",
        "date",
        "delivered on, delivered, delivery date, date delivered, delivered at, shipped date, ship "
        "date, shipped on, date shipped, shipped at, completed on, date completed, lieferdatum",
    ),
    _field(
        "status",
        "code",
        "status, order status, purchase status, bestellstatus",
    ),
)

FIELDS: dict[str, tuple[Field, ...]] = {
    "customers": _CUSTOMERS,
    "purchases": _PURCHASES,
    "surveys": SURVEYS,
    "referrals": REFERRALS,
    "asks": ASKS,
    "spend": SPEND,
}
# The kinds that a file's columns alone can tell; the others are said.
TOLD_BY_COLUMNS = ("customers", "purchases", "surveys")
# A required field may be made from others: a name from its parts, or from the company's.
STANDS_IN: dict[str, tuple[str, ...]] = {"name": ("first_name", "last_name", "company")}

_HUMPS = re.compile(r"(?<=[a-zà-ÿ0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_WORD = re.compile(r"[\W_]+")


def header_key(header: str) -> str:
    """Write a header as plain words, so that spellings of it are equal.

    "customerID", "Customer_Id" and "customer-id" become "customer id"; "E-mail 1 - Value" "email 1 value".
    """
    words = _NO_WORD.split(_HUMPS.sub(" ", unicodedata.normalize("NFC", header)))
    plain = " ".join(word for word in words if word).casefold()
    return re.sub(r"\be mail\b", "email", plain)


@cache
def known_words() -> frozenset[str]:
    """Return every header that some field knows, as ``header_key`` writes it."""
    return frozenset(header_key(word) for fields in FIELDS.values() for field in fields for word in field.words)
