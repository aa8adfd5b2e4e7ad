"""What a file can tell about referrals, asks and spending, and the words that headers use for it."""

from __future__ import annotations

from refertrack.exchange.field import field

REFERRALS = (
    field("external_id", "id", "external id, referral id, referral number, referral no, lead id, record id, id"),
    field(
        "referrer",
        "id",
        "referrer, referrer id, referrer email, referrer external id, referring customer, referring customer id, "
        "referred by, recommended by, introduced by, referral from, advocate, advocate email, customer, customer id, "
        "customer email, empfohlen von",
        required=True,
    ),
    field("first_name", "name", "first name, referred first name, friend first name, given name, vorname"),
    field("last_name", "name", "last name, referred last name, friend last name, family name, surname, nachname"),
    field(
        "name",
        "name",
        "name, referred, referred name, person referred, referral name, referral, referee, friend, friend name, lead, "
        "lead name, prospect, prospect name, contact, contact name, full name",
        required=True,
    ),
    field("company", "text", "company, company name, referred company, organization, organisation, firma"),
    field("email", "email", "email, email address, referred email, friend email, lead email, referee email, mail"),
    field(
        "phone", "phone", "phone, phone number, referred phone, friend phone, lead phone, mobile, telephone, telefon"
    ),
    field("relation", "text", "relation, relationship, how they know each other, knows from"),
    field("consent", "code", "consent, consent basis, permission"),
    field(
        "received_on",
        "date",
        "received on, received, referred on, referral date, date referred, date received, created on, created at, "
        "created, date, datum",
    ),
    field("state", "code", "state, status, stage, referral status, referral state, outcome, result, lead status"),
    field(
        "moved_on",
        "date",
        "moved on, state date, status date, won on, lost on, closed on, closed at, close date, converted on, "
        "conversion date, date closed, date won, updated on, updated at",
    ),
    field("reason", "text", "reason, lost reason, closed reason, notes, note, comment"),
    field(
        "became",
        "id",
        "became, became customer, customer external id, new customer, new customer id, converted customer, "
        "converted customer id",
    ),
    field("ask", "id", "ask, ask id, ask external id, request, request id"),
)

ASKS = (
    field("external_id", "id", "external id, ask id, request id, ask number, record id, id"),
    field(
        "customer",
        "id",
        "customer, customer id, customer external id, customer email, client, client id, email, email address, "
        "contact id",
        required=True,
    ),
    field(
        "asked_on",
        "date",
        "asked on, asked, ask date, date asked, request date, requested on, created on, created at, date, datum",
        required=True,
    ),
    field("sent_on", "date", "sent on, sent, sent at, date sent"),
    field("specific", "text", "specific, whom, who for, looking for, target, request, asked for"),
    field("measurable", "int", "measurable, how many, number of names"),
    field("attainable", "code", "attainable, form"),
    field("realistic", "text", "realistic, evidence, why them, because"),
    field("time_specific", "date", "time specific, by when, deadline, due on, due date"),
    field("incentive", "text", "incentive, reward, offered"),
    field("channel", "code", "channel, asked by, medium"),
    field("state", "code", "state, status, answer, response, outcome, result"),
    field("answered_on", "date", "answered on, answered, answer date, response date, replied on"),
    field("reason", "text", "reason, declined reason, objection"),
    field("promised_on", "date", "promised on, promised, agreed for"),
)

SPEND = (
    field("month", "date", "month, period, date, spent on, monat", required=True),
    field(
        "channel",
        "text",
        "channel, source, campaign, medium, category, description, kanal",
        required=True,
    ),
    field("amount", "money", "amount, cost, spend, spent, total, amount spent, betrag, kosten", required=True),
    field("currency", "code", "currency, currency code, währung"),
    field("kind", "code", "kind, type, purpose"),
)
