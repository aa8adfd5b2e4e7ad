"""Every letter that ships in English: complete, clean, and true to the rules of the trade."""

from __future__ import annotations

import re
from datetime import date

import pytest
from letter_fields import full, only

from refertrack.drafts.catalogue import FIELDS
from refertrack.drafts.render import Letter, render
from refertrack.drafts.templates import LETTERS, list_templates, template_root
from refertrack.drafts.usage import check, fields_of
from refertrack.rules.errors import LetterTrouble
from refertrack.store.settings import default_document, parse_document

SHIPPED = [info for info in list_templates() if not info.language]  # the others: test_languages.py
NAMES = [info.name for info in SHIPPED]
TO_SIGN = [info.name for info in SHIPPED if info.to != "us"]
EXPECTED = {
    *("thank_you_card", "meeting_thanks", "delivery_check", "survey_invitation", "smart_request", "smart_reminder"),
    *("referral_thanks", "referral_won_thanks", "referral_lost_thanks", "contact_referred", "introduction_request"),
    *("keep_in_touch", "delivered_question", "recovery_call", "complaint_acknowledged", "complaint_followup"),
    *("survey_thanks", "three_call", "compliment_thanks", "replacement_offer", "you_said_we_did", "late_apology"),
    *("lost_touch_1", "lost_touch_2", "lost_touch_3", "lost_touch_4", "lost_touch_5", "announcement"),
    *("reward_thanks", "referral_open_thanks", "introduction_email", "pass_it_on", "early_delivery"),
    *("delivery_check.phone", "keep_in_touch.phone", "lost_touch_1.phone", "lost_touch_3.phone", "smart_request.phone"),
}


def words_of(letter: Letter) -> int:
    """Count the words between the greeting and the signature."""
    text = letter.body.partition("\nKind regards\n")[0].partition("\n")[2]
    return len(re.findall(r"\w[\w’'-]*", re.sub(r"https?://\S+", "link", text)))


def needed(name: str) -> set[str]:
    """Return the fields without which a letter cannot be rendered; requests are those for passing on our card."""
    uses = fields_of(name)
    by_form = {"ask.because", "ask.specific", "ask.count"} & (
        {use.name for use in uses} if name != "pass_it_on" else set()
    )
    return {use.name for use in uses if use.required} | by_form


def assert_clean(letter: Letter) -> None:
    text = f"{letter.subject}\n{letter.body}"
    assert letter.subject
    assert letter.subject == letter.subject.strip()
    assert "\n" not in letter.subject
    assert not re.search(r"\bNone\b|\bTrue\b|\bFalse\b|[{}]|\d{4}-\d\d-\d\d", text), text
    assert not re.search(r"[ \t]$|\n{3}|[^\n]  +|\t", letter.body, re.MULTILINE), letter.body
    assert not re.search(r" [.,;:!?]|[.,;:]{2}|\(\)|“”|··|: ?\n\n\n", text.replace("://", "")), text
    assert letter.body.endswith("\n")
    assert not letter.body.startswith("\n")


def test_all_letters_are_there() -> None:
    assert set(NAMES) == EXPECTED


def test_every_letter_of_the_playbooks_is_there() -> None:
    playbooks = parse_document("playbooks", default_document("playbooks"))
    named = {step["template"] for table in playbooks.values() for step in table.get("step", []) if "template" in step}
    assert named
    assert named <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_uses_only_fields_that_there_are(name: str) -> None:
    assert [str(problem) for problem in check(name)] == []


@pytest.mark.parametrize("info", SHIPPED, ids=NAMES)
def test_says_what_it_is_and_to_whom(info) -> None:
    assert "title: " in info.path.read_text(encoding="utf-8").partition("#}")[0]
    assert info.about
    assert info.to in {"customer", "referred", "us"}
    assert not info.mine


@pytest.mark.parametrize("name", NAMES)
def test_with_every_field(name: str) -> None:
    assert_clean(render(name, full()))


@pytest.mark.parametrize("name", NAMES)
def test_with_the_required_fields_alone(name: str) -> None:
    assert_clean(render(name, only(needed(name))))


@pytest.mark.parametrize("name", NAMES)
def test_without_a_first_name(name: str) -> None:
    letter = render(name, full(customer__first_name=None, referral__first_name=None, referrer__first_name=None))
    assert_clean(letter)


@pytest.mark.parametrize("name", NAMES)
def test_each_required_field_is_missed(name: str) -> None:
    for missing in needed(name):
        with pytest.raises(LetterTrouble, match=re.escape(f'"{missing}" has no value.')):
            render(name, only(needed(name) - {missing}))


@pytest.mark.parametrize("name", TO_SIGN)
def test_ends_with_the_signature(name: str) -> None:
    plain = full(sender__signature=None)
    assert render(name, plain).body.endswith("\n\nKind regards\nNora Lind · Lind Heating · +46 8 123 45 67\n")
    assert render(name, full()).body.endswith("\n\nKind regards\nNora Lind\nLind Heating, Harbour Lane 3\n")


@pytest.mark.parametrize("name", TO_SIGN)
def test_is_of_a_letters_length(name: str) -> None:
    assert 60 <= words_of(render(name, full())) <= 120
    assert 45 <= words_of(render(name, only(needed(name)))) <= 120


@pytest.mark.parametrize("name", TO_SIGN)
def test_greets_by_first_name_else_by_name(name: str) -> None:
    referred = name in {"contact_referred", "introduction_email"}
    assert render(name, full()).body.startswith("Dear Rui,\n\n" if referred else "Dear Marta,\n\n")
    unknown = full(customer__first_name=None, referral__first_name=None)
    assert render(name, unknown).body.startswith("Dear Rui Costa,\n\n" if referred else "Dear Marta Oliveira,\n\n")


def test_every_field_of_the_catalogue_has_words_and_a_way_to_fill_it() -> None:
    kinds = {"text", "lines", "number", "date", "money", "yes/no", "list"}
    for name, field in FIELDS.items():
        assert (field.name, field.words != "", field.fill.startswith("refertrack")) == (name, True, True)
        assert field.kind in kinds


@pytest.mark.parametrize("path", sorted((template_root() / LETTERS).glob("*.j2")), ids=lambda path: path.name)
def test_template_is_tidy(path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"[ \t]+$|\n{3}|\t", text, re.MULTILINE)
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "'" not in re.sub(r"\{[%{].*?[%}]\}", "", text), "a typographic apostrophe reads better"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"purchase__days_early": 3, "purchase__days_late": None}, "on 15 November, three days before the date"),
        ({"purchase__days_early": 1, "purchase__days_late": None}, "on 15 November, one day before the date"),
        ({"purchase__days_late": 3}, "on 15 November, three days after the date we had promised. I am sorry"),
        ({"purchase__days_late": None}, "We delivered your heat pump on 15 November. Now"),
        ({"purchase__delivered_on": date(2025, 12, 30)}, "on 30 December 2025, three days after"),
    ],
)
def test_delivery_check_knows_early_and_late(changes: dict[str, object], words: str) -> None:
    assert words in render("delivery_check", full(purchases=None, **changes)).body


def test_delivery_check_names_every_item() -> None:
    letter = render("delivery_check", full())
    assert letter.subject == "Your heat pump, thermostat and radiator: is everything as it should be?"
    assert "By now you have your heat pump, thermostat and radiator. Now" in letter.body


def test_survey_without_a_page_stands_in_the_mail() -> None:
    asked = render("survey_invitation", full(survey__link=None)).body
    assert "\n1. How was our service, 0 to 5?\n2. Would you come again?\n\nPlease" in asked
    default = render("survey_invitation", full(survey__link=None, survey__questions=None)).body
    assert "\n1. Our service, from 0 (poor)" in default
    assert "https" not in default
    linked = render("survey_invitation", full()).body
    assert "https://example.org/s/abc" in linked
    assert "1. " not in linked


FORMS = ["card", "introduction", "linkedin", "review"]


@pytest.mark.parametrize("name", ["smart_request", "lost_touch_5"])
@pytest.mark.parametrize("form", FORMS)
def test_request_is_smart_in_every_form(name: str, form: str) -> None:
    letter = render(name, full(ask__form=form))
    assert_clean(letter)
    assert words_of(letter) <= 120
    assert "owners of guest houses" in letter.body
    assert "by Monday 30 November" in letter.body


@pytest.mark.parametrize(
    ("form", "wanted", "unwanted"),
    [
        ("card", ["pass my details on", "https://example.org/card", "Two people"], ["introduce us", "LinkedIn"]),
        ("introduction", ["introduce us", "ask them first"], ["pass my details on", "https"]),
        ("linkedin", ["LinkedIn", "https://example.org/linkedin", "because you gave"], ["people are plenty"]),
        ("review", ["public review", "https://example.org/review", "good or bad"], ["because", "LinkedIn"]),
    ],
)
def test_request_of_a_form(form: str, wanted: list[str], unwanted: list[str]) -> None:
    body = render("smart_request", full(ask__form=form)).body
    assert [words for words in wanted if words not in body] == []
    assert [words for words in unwanted if words in body] == []


@pytest.mark.parametrize(("count", "words"), [(1, "One person is"), (2, "Two people are"), (3, "Three people are")])
def test_request_says_how_many(count: int, words: str) -> None:
    assert f"{words} plenty." in render("smart_request", full(ask__count=count)).body


@pytest.mark.parametrize("name", ["smart_request", "lost_touch_5", "smart_reminder"])
@pytest.mark.parametrize("form", ["linkedin", "review"])
def test_what_is_public_is_never_paid_for(name: str, form: str) -> None:
    letter = render(name, full(ask__form=form))
    assert "dinner" not in letter.subject + letter.body


@pytest.mark.parametrize("form", ["card", "introduction"])
def test_an_incentive_is_disclosed(form: str) -> None:
    body = render("smart_request", full(ask__form=form)).body
    assert "In the open: if one of them becomes a customer, you get dinner for two. Please tell them so." in body
    assert "In the open" not in render("smart_request", full(ask__form=form, ask__incentive="")).body


@pytest.mark.parametrize("form", FORMS)
def test_reminder_of_every_form(form: str) -> None:
    letter = render("smart_reminder", full(ask__form=form))
    assert_clean(letter)
    assert 60 <= words_of(letter) <= 120
    assert letter.body.count("On 10 November I asked you") == 1


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("card", "would pass my details on: I am looking for owners of guest houses."),
        ("introduction", "would introduce us: I am looking for owners of guest houses."),
        ("linkedin", "would write a few lines about our work on LinkedIn."),
        ("review", "would write a short public review."),
    ],
)
def test_who_agreed_is_asked_how_it_went(form: str, words: str) -> None:
    letter = render("smart_reminder", full(ask__form=form, ask__agreed=True))
    assert_clean(letter)
    assert (letter.subject, 60 <= words_of(letter) <= 120) == ("How did it go?", True)
    assert f"Thank you for saying that you {words}" in letter.body
    assert "I asked you" not in letter.body


@pytest.mark.parametrize("form", FORMS)
def test_a_call_sheet_asks_for_what_its_form_can_bring(form: str) -> None:
    letter = render("smart_request.phone", full(ask__form=form))
    assert_clean(letter)
    public = form in {"linkedin", "review"}
    assert ("two would be plenty. Who comes to mind?" in letter.body) is not public
    assert ("would like owners of guest houses to find us" in letter.body) is public
    assert ("dinner for two" in letter.body) is not public


@pytest.mark.parametrize("name", ["referral_won_thanks", "referral_lost_thanks", "referral_open_thanks"])
@pytest.mark.parametrize("leave", [True, False, None])
def test_what_the_referrer_is_told_needs_the_friends_leave(name: str, leave: bool | None) -> None:
    letter = render(name, full(referral__may_tell=leave))
    assert_clean(letter)
    assert ("Rui" in letter.body) is (leave is True)


@pytest.mark.parametrize(("basis", "words"), [("consent", "you would not mind"), ("introduction", "introduce us")])
def test_the_person_referred_hears_who_and_why(basis: str, words: str) -> None:
    letter = render("contact_referred", full(referral__basis=basis))
    assert letter.subject.startswith("Marta Oliveira ")
    assert words in letter.body


@pytest.mark.parametrize(
    ("share", "review", "words"),
    [("s", "r", "gets these links, "), ("s", None, "gets this link, "), (None, "r", "gets this link, ")],
)
def test_survey_thanks_counts_its_links(share: str | None, review: str | None, words: str) -> None:
    given = full(links={"share": share, "review": review})
    assert words in render("survey_thanks", given).body


def test_survey_thanks_shares_a_page_wherever_people_are() -> None:
    letter = render("survey_thanks", full(links__review=None)).body
    assert "gets these links, whatever the answers were" in letter
    ways = [line.partition(": ")[::2] for line in letter.splitlines() if line.startswith("- ")]
    page = "https%3A%2F%2Fexample.org%2Fshare"
    assert ways == [
        ("- by e-mail", f"mailto:?body={page}"),
        ("- on WhatsApp", f"https://wa.me/?text={page}"),
        ("- on Facebook", f"https://www.facebook.com/sharer/sharer.php?u={page}"),
        ("- on LinkedIn", f"https://www.linkedin.com/sharing/share-offsite/?url={page}"),
        ("- on X", f"https://x.com/intent/post?url={page}"),
    ]


def test_survey_thanks_without_links() -> None:
    assert "link" not in render("survey_thanks", full(links=None)).body


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "It came on 15 November, three days late."),
        ({"purchase__delivered_on": None}, "The new day is Tuesday 1 December."),
        ({"purchase__delivered_on": None, "purchase__expected_on": None}, "within one working day"),
    ],
)
def test_apology_before_and_after_the_delivery(changes: dict[str, object], words: str) -> None:
    assert words in render("late_apology", full(**changes)).body


def test_a_call_sheet_quotes_what_happened() -> None:
    body = render("recovery_call", full()).body
    assert body.startswith("Call Marta Oliveira, Casa do Mar, +351 21 000 00 00\n\nWhat happened\n")
    assert (
        "- 3 out of 5 for service on 20 November\n"
        "- “Nobody called back.”\n"
        "- “The radiator in the hall stays cold.” (20 November)\n"
        "- Bought: heat pump, delivered on 15 November, three days late\n\nSay first\n"
    ) in body


def test_delivered_question_gives_the_commands_to_type() -> None:
    assert "\nrefertrack deliver 31 --on DAY\n" in render("delivered_question", full()).body
    assert "\nrefertrack deliver CUSTOMER --on DAY\n" in render("delivered_question", full(customer__id=None)).body


@pytest.mark.parametrize(
    ("typed", "printed"),
    [("We call back", "We call back."), ("We call back. ", "We call back."), ("Guess!", "Guess!")],
)
def test_a_typed_sentence_ends_once(typed: str, printed: str) -> None:
    assert f"This is what we have changed: {printed}\n" in render("you_said_we_did", full(action__did=typed)).body
