"""Every field that a letter may use: what it holds, and how to fill it where it is empty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class LetterField:
    """A field of letters.

    ``kind`` is text, lines (text of several lines), number, date, money, yes/no or list; ``fill`` is the command
    that gives it a value.
    """

    name: str
    words: str
    kind: str
    fill: str


_EDIT = "refertrack edit-customer CUSTOMER"
_BUY = "refertrack add-purchase CUSTOMER"
_ASK = "refertrack ask CUSTOMER"
_REFER = "refertrack refer CUSTOMER NAME"
_SET = "refertrack config set"
_REMARKABLE = 'refertrack remarkable "…" --customer CUSTOMER'
_COMPLAIN = 'refertrack complain CUSTOMER "what happened"'
_SURVEY = "refertrack survey CUSTOMER"
_DRAFT = "refertrack draft ID --set"
_MEETING = "refertrack log CUSTOMER --meeting --on DAY"
_TALK = "refertrack log CUSTOMER --call --on DAY"
_ANNOUNCE = "refertrack announce PRODUCT"
_ACTION = "refertrack add-action"
_LASTS = "refertrack edit-product PRODUCT --lifetime DAYS"

_ROWS: tuple[tuple[str, str, str, str], ...] = (
    ("today", "the day on which the letter is written", "date", "refertrack --today 2026-12-01"),
    ("customer.id", "the customer's number", "number", "refertrack customers"),
    ("customer.name", "the customer's name", "text", f'{_EDIT} --name "…"'),
    ("customer.first_name", "what to call them, where they are a person", "text", f'{_EDIT} --name "…"'),
    ("customer.company", "their company", "text", f'{_EDIT} --company "…"'),
    ("customer.email", "their e-mail address", "text", f"{_EDIT} --email ADDRESS"),
    ("customer.phone", "their phone number", "text", f"{_EDIT} --phone NUMBER"),
    ("customer.language", "the language that they read", "text", f"{_EDIT} --language sv"),
    ("customer.channel", "how they like to be reached: email, phone, post, meeting", "text", f"{_EDIT} --channel post"),
    ("sender.name", "who signs", "text", f'{_SET} sender "Your name"'),
    ("sender.business", "the business's name", "text", f'{_SET} name "Your business"'),
    ("sender.phone", "the number to call", "text", f"{_SET} sender_phone NUMBER"),
    ("sender.email", "the address to answer to", "text", f"{_SET} sender_email ADDRESS"),
    ("sender.signature", "lines that take the place of name and phone", "lines", f'{_SET} signature "…"'),
    ("purchase.what", "what was bought, as in: your …", "text", f'{_BUY} --product "…"'),
    ("purchase.ordered_on", "the day of the order", "date", f"{_BUY} --ordered DAY"),
    ("purchase.promised_on", "the day that was promised", "date", f"{_BUY} --promised DAY"),
    ("purchase.delivered_on", "the day of the delivery", "date", "refertrack deliver CUSTOMER --on DAY"),
    ("purchase.days_early", "days before the promised day, if it was early", "number", f"{_BUY} --promised DAY"),
    ("purchase.days_late", "days after the promised day, if it was late", "number", f"{_BUY} --promised DAY"),
    (
        "purchase.expected_on",
        "the new day, where the promise is not kept",
        "date",
        f"{_DRAFT} purchase.expected_on=DAY",
    ),
    ("purchase.lasts_until", "the day on which it will be used up", "date", _LASTS),
    ("purchases", "several purchases that share one letter", "list", _BUY),
    ("purchases.what", "what was bought, of each of them", "text", f'{_BUY} --product "…"'),
    ("purchases.delivered_on", "the day of the delivery, of each", "date", "refertrack deliver CUSTOMER --on DAY"),
    ("survey.link", "the page where the survey is answered", "text", f"{_DRAFT} survey.link=URL"),
    ("survey.questions", "the questions, for a survey within the letter", "list", "refertrack questions --edit"),
    ("survey.question", "what the lowest answer is about", "text", _SURVEY),
    ("survey.score", "the lowest answer, 0 to 5", "number", _SURVEY),
    ("survey.answered_on", "the day of the answer", "date", _SURVEY),
    ("survey.words", "what they wrote in it", "lines", f'{_SURVEY} --comment "…"'),
    ("ask.specific", "whom to think of, as in: owners of guest houses", "text", f'{_ASK} --specific "…"'),
    ("ask.count", "how many, 1 to 3", "number", f"{_ASK} --count 2"),
    ("ask.form", "introduction, card, linkedin or review", "text", f"{_ASK} --form card"),
    ("ask.where", "where the customer meets them; follows: you may know some", "text", f'{_DRAFT} ask.where="…"'),
    ("ask.because", "why this customer can; follows: I ask you because", "text", f'{_ASK} --because "…"'),
    ("ask.evidence", "the same sign by sign, where nobody typed why: for letters in other languages", "list", _ASK),
    ("ask.evidence.kind", "which sign it is: all_fives, all_good, promise, referred …", "text", _ASK),
    ("ask.evidence.on", "its day", "date", _ASK),
    ("ask.evidence.year", "the year since which they are a customer", "number", _ASK),
    ("ask.by", "by when", "date", f"{_ASK} --by DAY"),
    ("ask.incentive", "what they get for it; it is disclosed", "text", f'{_ASK} --incentive "…"'),
    ("ask.sent_on", "the day on which the request went out", "date", "refertrack done ID"),
    ("ask.agreed", "whether they have said that they will", "yes/no", "refertrack answer ASK --agreed"),
    ("referral.name", "the person referred", "text", _REFER),
    ("referral.first_name", "what to call the person referred", "text", _REFER),
    ("referral.company", "their company", "text", f'{_REFER} --company "…"'),
    ("referral.email", "their e-mail address", "text", f"{_REFER} --email ADDRESS"),
    ("referral.phone", "their phone number", "text", f"{_REFER} --phone NUMBER"),
    ("referral.basis", "why we may write: consent or introduction", "text", f"{_REFER} --consent consent"),
    ("referral.about", "what they might need; follows: help you with", "text", f'{_DRAFT} referral.about="…"'),
    ("referral.may_tell", "whether the referrer may hear how it went", "yes/no", "refertrack won REFERRAL"),
    ("referrals", "several people referred who share one letter", "list", _REFER),
    ("referrals.name", "the person referred, of each", "text", _REFER),
    ("referrer.name", "the customer who referred", "text", _REFER),
    ("referrer.first_name", "what to call the customer who referred", "text", _REFER),
    ("reward.what", "the thank-you, as in: dinner for two", "text", "refertrack rewards"),
    ("reward.from_on", "the day from which it is theirs", "date", "refertrack rewards"),
    ("links.review", "where everybody may leave a review", "text", f"{_SET} review_link URL"),
    ("links.share", "a page that is easily passed on", "text", f"{_SET} share_link URL"),
    ("links.share_facebook", "shares that page on Facebook", "text", f"{_SET} share_link URL"),
    ("links.share_x", "shares it on X", "text", f"{_SET} share_link URL"),
    ("links.share_linkedin", "shares it on LinkedIn", "text", f"{_SET} share_link URL"),
    ("links.share_whatsapp", "sends it by WhatsApp", "text", f"{_SET} share_link URL"),
    ("links.share_email", "sends it by e-mail", "text", f"{_SET} share_link URL"),
    ("links.linkedin", "our page on LinkedIn", "text", f"{_SET} linkedin_link URL"),
    ("links.card", "our card, to be passed on", "text", f"{_SET} card_link URL"),
    ("complaint.text", "what was wrong, in their words", "lines", _COMPLAIN),
    ("complaint.score", "the low answer that it stands for, where they said nothing more", "number", _SURVEY),
    ("complaint.on", "the day of the complaint", "date", _COMPLAIN),
    ("complaint.process", "what it is about: delivery, billing …", "text", f'{_COMPLAIN} --process "…"'),
    ("complaint.owner", "who looks after it", "text", f'{_COMPLAIN} --owner "…"'),
    ("complaint.answer_by", "the day by which we come back", "date", f"{_DRAFT} complaint.answer_by=DAY"),
    ("complaint.resolved_on", "the day on which it was put right", "date", "refertrack resolve COMPLAINT"),
    ("complaint.resolution", "what was done about it", "text", 'refertrack resolve COMPLAINT --note "…"'),
    ("compliment.text", "the compliment, in their words", "lines", 'refertrack compliment CUSTOMER "…"'),
    ("compliment.praised", "whom they praised", "text", 'refertrack compliment CUSTOMER "…" --praised NAME'),
    ("meeting.on", "the day of the meeting", "date", _MEETING),
    ("meeting.about", "what it was about; follows: spoke about", "text", f'{_DRAFT} meeting.about="…"'),
    ("meeting.next", "what we do next; follows: I will", "text", f'{_DRAFT} meeting.next="…"'),
    ("talk.on", "the day of the last contact both ways", "date", _TALK),
    ("talk.shared", "what they told us, a list", "list", f'{_DRAFT} talk.shared="one; another"'),
    ("talk.next_on", "the day of the next contact", "date", "refertrack snooze ID DAY"),
    ("opportunity.issue", "what troubles them, in their words", "text", "refertrack add-opportunity CUSTOMER"),
    ("opportunity.impact", "what it costs them", "text", "refertrack add-opportunity CUSTOMER --impact"),
    ("opportunity.importance", "how much it matters, 0 to 5", "number", "refertrack add-opportunity CUSTOMER"),
    ("remarkable.text", "something done remarkably well; a sentence", "lines", _REMARKABLE),
    ("remarkable.who", "who did it", "text", f"{_REMARKABLE} --praised NAME"),
    ("action.said", "what customers told us, in their words", "text", f'{_ACTION} --because "…"'),
    ("action.did", "what was changed", "text", f'{_ACTION} "…"'),
    ("action.done_on", "the day since which it holds", "date", "refertrack finish-action ACTION"),
    ("announcement.title", "the news in a few words", "text", f'{_ANNOUNCE} "…"'),
    ("announcement.text", "the news in full", "lines", f'{_ANNOUNCE} "…" --note "…"'),
    ("announcement.from_on", "the day from which it holds", "date", f'{_ANNOUNCE} "…" --on DAY'),
    ("announcement.link", "where to read more", "text", f'{_ANNOUNCE} "…" --link URL'),
)
FIELDS: Mapping[str, LetterField] = {row[0]: LetterField(*row) for row in _ROWS}
GROUPS = frozenset(name.rpartition(".")[0] for name in FIELDS) - {""}


def fill_hint(name: str, customer: object = None) -> str:
    """Say how to give a field its value; with a customer's id the command can be typed as it stands."""
    field = FIELDS.get(name)
    if field is not None:
        command = field.fill if customer is None else field.fill.replace("CUSTOMER", str(customer))
        return f"Set it: {command}"
    if name in GROUPS:
        return f"It has: {', '.join(field for field in FIELDS if field.startswith(f'{name}.'))}."
    return unknown_hint(name)


def unknown_hint(name: str) -> str:
    """Say which field was probably meant."""
    from difflib import get_close_matches

    close = get_close_matches(name, FIELDS, n=2)
    return f"There is no such field. Close: {', '.join(close)}." if close else "Letters have no such field."
