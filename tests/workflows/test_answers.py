"""Asks and their answers, on both engines."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import Session, col, select

from conftest import TODAY, Writing
from refertrack.models.customers import OptOut
from refertrack.models.follow_ups import FollowUp
from refertrack.models.listening import Action, Feedback
from refertrack.models.referrals import Ask, Reason, Referral
from refertrack.rules.errors import BadValue, NotAllowed, NotFound, RefertrackError
from refertrack.rules.smart import Smart
from refertrack.workflows import answers, asks, customers, follow_ups, reasons
from refertrack.workflows.consequences import complete
from refertrack.workflows.referrals import NewReferral

SMART = Smart("owners of guest houses", 2, "card", "", TODAY + timedelta(days=6))


def delighted(session: Session, name: str = "Marta Oliveira", **values: str) -> int:
    known = {
        "name": name,
        "email": f"{name.split(maxsplit=1)[0].lower()}@x.example",
        "segment": "Guest house",
        **values,
    }
    who = customers.add(session, known).customer.key
    session.add(Feedback(customer_id=who, kind="compliment", on_day=TODAY, words="so quiet"))
    session.flush()
    return who


# The items that hang on something; those that time alone brings have tests of their own.
HANGING = col(FollowUp.playbook).not_in(("keep_in_touch", "lost_touch"))


def live(session: Session, who: int) -> list[tuple[str, date]]:
    query = select(FollowUp).where(FollowUp.customer_id == who, FollowUp.state == "open", HANGING)
    return [(item.what, item.due_on) for item in session.exec(query.order_by(FollowUp.due_on)).all()]  # type: ignore[arg-type]


def test_an_ask_keeps_evidence_channel_and_language(write: Writing) -> None:
    with write() as session:
        who = delighted(session, language="de", preferred_channel="phone")
        asked = asks.record(session, who, SMART)
        kept = session.get(Ask, asked.ask.key)
        assert kept is not None
        assert (kept.channel, kept.language, kept.realistic) == (
            "phone", "de", "you paid us a compliment on 24 November",
        )  # fmt: skip
        items = session.exec(select(FollowUp).where(HANGING)).all()
    assert [(item.what, item.channel) for item in items] == [("send the SMART request", "phone")]


def test_a_draft_is_no_ask_it_counts_and_calls_for_a_reminder_once_it_was_sent(write: Writing) -> None:
    with write() as session:
        who = delighted(session, preferred_channel="phone")
        asked = asks.record(session, who, SMART)
        item = asked.scheduled.made[0].id
        assert (asked.ask.sent_on, live(session, who)) == (None, [("send the SMART request", TODAY)])
        with pytest.raises(BadValue, match="is over on 2026-12-01"):
            follow_ups.snooze(session, item, SMART.time_specific + timedelta(days=1))
        complete(session, item)
        assert (asked.ask.state, asked.ask.sent_on) == ("sent", TODAY)
        assert live(session, who) == [("remind of the request", SMART.time_specific)]


def test_a_draft_whose_day_is_over_was_never_sent(write: Writing) -> None:
    with write() as session:
        asked = asks.record(session, delighted(session), SMART)
        number, item = asked.ask.key, asked.scheduled.made[0].id
    late = SMART.time_specific + timedelta(days=1)
    with pytest.raises(NotAllowed, match="was for 2026-11-30: that day is over"), write(today=late) as session:
        complete(session, item)
    with write(today=late) as session:
        assert asks.get(session, number).sent_on is None
        complete(session, item, on=SMART.time_specific)  # it was sent in time, and noted late
        assert asks.get(session, number).sent_on == SMART.time_specific


def test_another_channel_can_be_said(write: Writing) -> None:
    with write() as session:
        asked = asks.record(session, delighted(session), SMART, channel="Meeting")
        item = session.get(FollowUp, asked.scheduled.made[0].id)
        assert item is not None
        assert (asked.ask.channel, item.channel) == ("meeting", "meeting")
        with pytest.raises(BadValue):
            asks.record(session, delighted(session, "Jo Park"), SMART, channel="pigeon")


def test_nobody_is_asked_against_their_word_and_a_reason_overrides_the_rest(write: Writing) -> None:
    with write() as session:
        who = customers.add(session, {"name": "Hanna Berg", "email": "h@x.example"}).customer.key
        with pytest.raises(NotAllowed, match="should not be asked yet: sees you only when you sell"):
            asks.record(session, who, SMART)
        asked = asks.record(session, who, SMART, anyway="she offered it herself")
        assert (asked.ask.anyway_reason, asked.ask.realistic) == ("she offered it herself", "she offered it herself")
        session.add(OptOut(customer_id=who, channel="any", purpose="referral", since=TODAY))
        session.flush()
        with pytest.raises(NotAllowed, match="must not be asked: does not want to be asked since 24 Nov 2026"):
            asks.record(session, who, SMART, anyway="she offered it herself")


def test_a_review_is_asked_of_everybody_alike_but_not_paid_for(write: Writing) -> None:
    review = Smart("owners of guest houses", 1, "review", "", TODAY + timedelta(days=6))
    with write() as session:
        who = customers.add(session, {"name": "Hanna Berg", "email": "h@x.example"}).customer.key
        assert asks.record(session, who, review).ask.realistic == "you have known our work since 2026"
        other = delighted(session)
        for form in ("review", "linkedin"):
            request = Smart("owners of guest houses", 1, form, "", TODAY + timedelta(days=6))
            with pytest.raises(BadValue, match="is public: nothing may be promised for it"):
                asks.record(session, other, request, incentive="dinner for two")
        assert asks.record(session, other, SMART, incentive="dinner for two").ask.incentive == "dinner for two"


@pytest.mark.parametrize(
    ("number", "by", "field"),
    [(0, 6, "measurable"), (50, 6, "measurable"), (2, 0, "time_specific"), (2, -1, "time_specific"),
     (2, 61, "time_specific")],
)  # fmt: skip
def test_a_letter_that_is_wrong_changes_nothing(write: Writing, number: int, by: int, field: str) -> None:
    with write() as session:
        who = delighted(session)
        with pytest.raises(BadValue) as error:
            asks.record(session, who, Smart("shops", number, "card", "", TODAY + timedelta(days=by)))
        assert (error.value.field, bool(error.value.hint), session.exec(select(Ask)).all()) == (field, True, [])


def test_names_become_referrals_and_close_what_hung_on_the_ask(write: Writing) -> None:
    with write() as session:
        who = delighted(session)
        asked = asks.record(session, who, SMART)
        complete(session, asked.scheduled.made[0].id)
        people = [NewReferral("Rui Costa", email="rui@x.example"), NewReferral("Ana Reis")]
        answered = answers.named(session, asked.ask.key, people)
        more = answers.named(session, asked.ask.key, [NewReferral("Eva Dias")])
        assert [moved.referral.name for moved in (*answered.referrals, *more.referrals)] == [
            "Rui Costa", "Ana Reis", "Eva Dias",
        ]  # fmt: skip
        assert (asked.ask.state, asked.ask.answered_on) == ("named", TODAY)
        assert "remind of the request" not in dict(live(session, who))
        with pytest.raises(NotAllowed, match="was answered on 2026-11-24: named"):
            answers.no_one(session, asked.ask.key)


def test_a_self_referral_in_an_answer_changes_nothing(write: Writing) -> None:
    with write() as session:
        who = delighted(session)
        number = asks.record(session, who, SMART).ask.key
    with pytest.raises(NotAllowed, match="cannot refer themselves"), write() as session:
        answers.named(session, number, [NewReferral("Rui"), NewReferral("Me", email="marta@x.example")])
    with write() as session:
        assert (session.exec(select(Referral)).all(), asks.get(session, number).state) == ([], "draft")


def test_one_who_agrees_is_asked_how_it_went(write: Writing) -> None:
    with write() as session:
        who = delighted(session)
        number = asks.record(session, who, SMART).ask.key
        with pytest.raises(BadValue, match="is past"):
            answers.agreed(session, number, TODAY - timedelta(days=1))
        answered = answers.agreed(session, number, TODAY + timedelta(days=3))
        assert [(made.what, made.due_on) for made in answered.scheduled.made] == [
            ("did they do it?", date(2026, 11, 27)),
        ]  # fmt: skip
        answers.named(session, number, [NewReferral("Rui Costa")])  # and so they did
        assert [what for what, _ in live(session, who)] == ["thank for the referral", "ask for an introduction"]


def test_no_one_in_mind_means_more_work_and_another_ask_in_ninety_days(write: Writing) -> None:
    with write() as session:
        who, other = delighted(session), delighted(session, "Jo Park")
        first, second = (asks.record(session, each, SMART).ask.key for each in (who, other))
        answered = answers.no_one(session, first)
        assert answered.action is not None
        assert (answered.action.title, answered.action.segment) == (
            'More work to do: "no one in mind" (Guest house)', "Guest house",
        )  # fmt: skip
        assert answers.no_one(session, second).action is None  # one open action a reason and segment
        assert live(session, who) == [("ask again for a referral", date(2027, 2, 22))]
        assert [action.reason_id for action in session.exec(select(Action)).all()] == [answered.ask.reason_id]
    with write(today=date(2027, 2, 23)) as session:
        session.add(Feedback(customer_id=who, kind="compliment", on_day=date(2027, 2, 20), words="again"))
        session.flush()
        asks.record(session, who, Smart("shops", 1, "card", "", date(2027, 3, 1)))
        assert "ask again for a referral" not in dict(live(session, who))


def test_declining_takes_a_reason_of_the_list(write: Writing) -> None:
    with write() as session:
        ask = asks.record(session, delighted(session), SMART).ask
        for reason, note, error in (("too shy", "", "is not on the list"), ("other", "", "says too little")):
            with pytest.raises(BadValue, match=error):
                answers.declined(session, ask.key, reason, note)
        answers.declined(session, ask.key, "other", "moves abroad")
        assert (ask.state, ask.reason_words) == ("declined", "moves abroad")


def test_nothing_came_back_and_then_something_does(write: Writing) -> None:
    with write() as session:
        ask = asks.record(session, delighted(session), SMART).ask
        answers.no_response(session, ask.key)
        with pytest.raises(NotAllowed, match="not answered already"):
            answers.no_response(session, ask.key)
        answers.agreed(session, ask.key, None)
        assert ask.state == "agreed"


@pytest.mark.parametrize("day", [TODAY + timedelta(days=1), TODAY - timedelta(days=1)])
def test_an_answer_comes_after_the_ask_and_not_tomorrow(write: Writing, day: date) -> None:
    with write() as session:
        number = asks.record(session, delighted(session), SMART).ask.key
        with pytest.raises(BadValue):
            answers.no_one(session, number, day)


@pytest.mark.parametrize("number", [99, 2**70])
def test_an_ask_that_is_none(write: Writing, number: int) -> None:
    with write() as session, pytest.raises(NotFound, match="There is no ask"):
        answers.no_one(session, number)


def test_a_review_answers_the_ask_that_was_for_one(write: Writing) -> None:
    with write() as session:
        who = delighted(session)
        ask = asks.record(session, who, Smart("shops", 1, "review", "", TODAY + timedelta(days=6))).ask
        word = answers.recommended(session, who, whom="her sister")
        assert (word.ask, ask.state, session.exec(select(Referral)).all()) == (None, "draft", [])
        told = answers.recommended(session, who, source="review")
        assert told.ask is not None
        assert (told.ask.key, told.recommendation.ask_id, ask.state, live(session, who)) == (
            ask.key, ask.key, "agreed", [],
        )  # fmt: skip
        with pytest.raises(NotFound):
            answers.recommended(session, delighted(session, "Jo Park"), ask_id=ask.key)
        with pytest.raises(BadValue):
            answers.recommended(session, who, on=TODAY + timedelta(days=1))


def test_reasons_are_added_merged_and_removed(write: Writing) -> None:
    with write() as session:
        ask = asks.record(session, delighted(session), SMART).ask
        reasons.add(session, "Too-Busy", "has no time")
        answers.declined(session, ask.key, "has no time")
        for verb, words in (
            ("add", ("too_busy", "other words")), ("add", ("new", "Has no time")), ("add", ("no code!", "x")),
            ("add", ("fresh", " ")), ("remove", ("too_busy",)), ("remove", ("no_one",)), ("remove", ("nothing",)),
            ("merge", ("too_busy", "too_busy")), ("merge", ("other", "privacy")), ("merge", ("too_busy", "nothing")),
        ):  # fmt: skip
            with pytest.raises(RefertrackError):
                getattr(reasons, verb)(session, *words)
        merged = reasons.merge(session, "too_busy", "unclear")
        assert (merged.asks, ask.reason_id) == (1, merged.into.key if merged.into else None)
        assert reasons.find(session, "has no time").code == "unclear"
        reasons.remove(session, "competitor")
        codes = [reason.code for reason in reasons.standing(session)]
        assert "competitor" not in codes
        assert "too_busy" not in codes
        with pytest.raises(NotAllowed):  # another went up in it
            reasons.remove(session, "unclear")
    with write() as session:
        assert session.exec(select(Reason).where(Reason.code == "competitor")).all() == []
        reasons.standing(session)
        assert session.exec(select(Reason).where(Reason.code == "competitor")).all() == []
