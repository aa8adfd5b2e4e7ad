"""Columns are guessed by the header's words, or recognised as a known program's."""

from __future__ import annotations

import pytest

from refertrack.exchange.csvread import Row
from refertrack.exchange.mapping import Mapping, check_required, fields_of, guess, guess_kind, missing_fields
from refertrack.exchange.presets import presets, recognise
from refertrack.rules.errors import BadValue, FileTrouble


def found(kind, header, *rows):
    columns = tuple(header.split(","))
    mapping = guess(kind, columns, [Row(2, row.split(",")) for row in rows])
    return {name: ",".join(columns[at] for at in places) for name, places in mapping.sources.items()}


@pytest.mark.parametrize(
    ("kind", "header", "expected"),
    [
        (
            "customers",
            "customerID,companyName,contactName,contactTitle,address,city,region,postalCode,country,phone,fax",
            {
                "external_id": "customerID",
                "name": "contactName",
                "company": "companyName",
                "city": "city",
                "country": "country",
                "phone": "phone",
            },
        ),
        (
            "purchases",
            "orderID,customerID,employeeID,orderDate,requiredDate,shippedDate,shipVia,freight,shipName",
            {
                "external_id": "orderID",
                "customer": "customerID",
                "ordered_on": "orderDate",
                "promised_on": "requiredDate",
                "delivered_on": "shippedDate",
            },
        ),
        (
            "purchases",
            "customer_id,date,number_of_cds,dollar_value",
            {
                "customer": "customer_id",
                "ordered_on": "date",
                "quantity": "number_of_cds",
                "amount": "dollar_value",
            },
        ),
        (
            "customers",
            "Vorname,Nachname,Firma,E-Mail,Telefon,Ort,Land",
            {
                "first_name": "Vorname",
                "last_name": "Nachname",
                "company": "Firma",
                "email": "E-Mail",
                "phone": "Telefon",
                "city": "Ort",
                "country": "Land",
            },
        ),
        (
            "customers",
            "Name,Email Type,Email Opt In,Your Email",
            {"name": "Name", "email": "Your Email", "opt_out": "Email Opt In"},
        ),
        ("customers", "Name,Fax Phone,Day Phone", {"name": "Name", "phone": "Day Phone"}),
        ("customers", "Email,E-mail,Name,name", {"email": "Email", "name": "Name"}),
        (
            "purchases",
            "Invoice,Customer,Email,Date,Tax Total,Net Total",
            {"external_id": "Invoice", "customer": "Email", "ordered_on": "Date", "amount": "Net Total"},
        ),
        (
            "purchases",
            "Customer,Customer Name,Date",
            {"customer": "Customer", "customer_name": "Customer Name", "ordered_on": "Date"},
        ),
        ("customers", "a,b,c", {}),
    ],
)
def test_guessed_by_words(kind, header, expected):
    assert found(kind, header) == expected


@pytest.mark.parametrize("kind", ["customers", "purchases"])
def test_our_own_names_are_found(kind):
    names = list(fields_of(kind))
    assert found(kind, ",".join(names)) == {name: name for name in names}


def test_the_first_rows_speak_against_a_column():
    header = "Name,Email,Work Email,Phone,Mobile"
    row = "Anna,none,anna@example.org,ask,555 0123"
    assert found("customers", header, row) == {"name": "Name", "email": "Work Email", "phone": "Mobile"}
    assert found("customers", "Name,Contact", "#1001,Anna") == {"name": "Contact"}
    assert found("purchases", "Customer,Date,Paid,Amount Paid", "x,2026-01-01,yes,12")["amount"] == "Amount Paid"


HEADERS = {
    "google": "First Name,Middle Name,Last Name,File As,Organization Name,Notes,Labels,E-mail 1 - Label,"
    "E-mail 1 - Value,E-mail 2 - Value,Phone 1 - Value,Address 1 - City,Address 1 - Country",
    "google_old": "Name,Given Name,Family Name,Notes,Group Membership,E-mail 1 - Type,E-mail 1 - Value,"
    "Organization 1 - Name",
    "outlook": "First Name,Last Name,E-mail Address,E-mail 2 Address,Home Phone,Business Phone,Mobile Phone,"
    "Business Fax,Company,Business City,Business Country/Region,Notes",
    "linkedin": "First Name,Last Name,URL,Email Address,Company,Position,Connected On",
    "shopify_customers": "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,"
    "Default Address Company,Default Address City,Default Address Phone,Phone,Note,Tags",
    "shopify_orders": "Name,Email,Financial Status,Paid at,Fulfilled at,Currency,Total,Created at,"
    "Lineitem quantity,Lineitem name,Billing Name,Notes,Cancelled at,Id",
    "stripe": "id,Description,Email,Name,Created (UTC),Delinquent,Plan,Status,Total Spend",
    "hubspot": "Record ID,First Name,Last Name,Email,Phone Number,Lead Status,Create Date,Associated Company,"
    "Country/Region,Contact owner,Lifecycle Stage,Associated Company IDs",
    "salesforce_contacts": "Salutation,First Name,Last Name,Title,Mailing City,Mailing Country,Phone,Email,"
    "Account Name,Account Owner,Lead Source",
    "salesforce_leads": "Lead Owner,First Name,Last Name,Title,Company / Account,Lead Source,Rating,Street,Email",
    "quickbooks": "Customer,Phone Numbers,Email,Full Name,Billing Address,Open Balance,Currency",
    "square": "First Name, Last Name, Email Address, Phone Number, Company Name, City, Memo, Square Customer ID,"
    " Email Subscription Status (Subscribed/Unsubscribed/Unknown)",
}


def test_every_preset_has_a_header_here():
    assert set(HEADERS) == {preset.key for preset in presets()}


@pytest.mark.parametrize("key", HEADERS)
@pytest.mark.parametrize("backwards", [False, True])
def test_known_programs_are_recognised_in_any_order(key, backwards):
    columns = HEADERS[key].split(",")
    preset = recognise(columns[::-1] if backwards else columns)
    assert preset is not None
    assert preset.key == key
    assert guess_kind(columns, []) == preset.kind
    mapping = guess(preset.kind, columns, [])
    assert mapping.title == preset.title
    assert missing_fields(mapping) == ()
    used = [at for places in mapping.sources.values() for at in places]
    assert len(used) == len(set(used))


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.key)
def test_presets_name_only_fields_that_there_are(preset):
    fields = fields_of(preset.kind)
    assert {name for name, _ in (*preset.columns, *preset.constants)} <= set(fields)
    wanted = [column for _, columns in preset.columns for column in columns]
    assert len(wanted) == len(set(wanted))
    assert not preset.continuation or preset.continuation in wanted


@pytest.mark.parametrize(
    ("key", "field", "columns"),
    [
        ("google", "segment", "Labels"),
        ("google", "email", "E-mail 1 - Value,E-mail 2 - Value"),
        ("outlook", "phone", "Mobile Phone,Business Phone,Home Phone"),
        ("linkedin", "joined_on", None),
        ("shopify_orders", "delivered_on", None),
        ("shopify_orders", "status", "Cancelled at,Financial Status"),
        ("shopify_orders", "description", None),
        ("stripe", "status", None),
        ("stripe", "name", "Name,Description"),
        ("hubspot", "company", "Associated Company"),
        ("salesforce_contacts", "owner", "Account Owner"),
        ("square", "opt_out", " Email Subscription Status (Subscribed/Unsubscribed/Unknown)"),
    ],
)
def test_what_presets_take(key, field, columns):
    preset = recognise(HEADERS[key].split(","))
    assert found(preset.kind, HEADERS[key]).get(field) == columns


def test_presets_give_constants_sources_and_continuations():
    leads = guess("customers", HEADERS["salesforce_leads"].split(","), [])
    assert (leads.constants, leads.source) == ({"status": "prospect"}, "salesforce")
    orders = guess("purchases", HEADERS["shopify_orders"].split(","), [])
    assert (orders.continuation, orders.source) == (0, "shopify")
    assert guess("customers", HEADERS["google_old"].split(","), []).source == "google"


def test_a_column_of_the_persons_own_is_taken_beside_a_preset():
    columns = [*HEADERS["linkedin"].split(","), "Segment", "Referred by", "Status", "Notes"]
    mapping = guess("customers", columns, [])
    assert mapping.sources["segment"] == (7,)
    assert mapping.sources["referred_by"] == (8,)
    assert mapping.unused == ("Position", "Connected On", "Status", "Notes")


def test_a_preset_is_of_one_kind():
    columns = HEADERS["shopify_orders"].split(",")
    assert recognise(columns, "customers") is None
    assert guess("customers", columns, [Row(2, ["#1001", *[""] * (len(columns) - 1)])]).title == ""


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("Name,Email,Phone", "customers"),
        ("Customer ID,Date,Amount", "purchases"),
        ("Order ID,Email,Order Date,Total,Customer Name", "purchases"),
        ("Customer ID,Name,Email,Created", "customers"),
        ("a,b", ""),
    ],
)
def test_the_kind_is_told_from_the_columns(header, kind):
    assert guess_kind(header.split(","), []) == kind


def test_pairs_are_shown_as_people_read_them():
    mapping = guess("customers", HEADERS["salesforce_leads"].split(","), [])
    assert mapping.pairs == (
        ("First Name, Last Name", "name"),
        ("Company / Account", "company"),
        ("Email", "email"),
        ("Lead Owner", "owner"),
        ("Lead Source", "source"),
        ("= prospect", "status"),
    )
    assert mapping.unused == ("Title", "Rating", "Street")


@pytest.mark.parametrize("header", ["Name", "First Name", "Surname", "Company"])
def test_a_name_can_be_made_of_others(header):
    check_required(guess("customers", (header,), []), "x.csv")


def test_a_required_field_that_is_missing():
    with pytest.raises(FileTrouble) as caught:
        check_required(guess("purchases", ("wann", "wer", "Betrag"), []), "kauf.csv")
    assert caught.value.message == (
        "No column of kauf.csv is known to hold customer or ordered_on. It has: wann, wer, Betrag."
    )
    assert caught.value.hint == 'Say which column it is, for example: --map customer="wann"'
    with pytest.raises(FileTrouble, match="to hold ordered_on"):
        check_required(Mapping("purchases", ("a",), {"customer": (0,)}), "x.csv")
    check_required(Mapping("purchases", ("a",), {"customer": (0,)}, {"ordered_on": "2026-01-01"}), "x.csv")


def test_a_kind_that_there_is_none_of():
    with pytest.raises(BadValue, match='"letters" cannot be imported'):
        guess("letters", ("a",), [])
