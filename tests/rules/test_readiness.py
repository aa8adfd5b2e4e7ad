"""Whom to ask, and why: a table of cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from refertrack.rules.errors import BadValue
from refertrack.rules.readiness import WEIGHTS, Facts, Verdict, judge, read_weights

TODAY = date(2026, 11, 24)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


SERVED = Facts(purchase_on=ago(40), service_contact_on=ago(10))
DELIGHTED = replace(SERVED, answers_on=ago(5), answers_lowest=5)


@pytest.mark.parametrize(
    ("facts", "verdict", "reason"),
    [
        (DELIGHTED, Verdict.ASK_NOW, "every answer 5 on 19 Nov 2026"),
        (replace(DELIGHTED, answers_would=7), Verdict.ASK_NOW, "every answer 5 on 19 Nov 2026"),
        (replace(DELIGHTED, answers_would=6), Verdict.NOT_YET, "would not recommend us: 6 of 10 on 19 Nov 2026"),
        (replace(DELIGHTED, answers_lowest=4), Verdict.ASK_NOW, "every answer 4 or 5 on 19 Nov 2026"),
        (Facts(compliment_on=ago(30)), Verdict.ASK_NOW, "a compliment on 25 Oct 2026"),
        (Facts(compliment_on=ago(31)), Verdict.NOT_YET, "sees you only when you sell: log a call"),
        (replace(SERVED, early_on=ago(180)), Verdict.ASK_NOW, "delivered early on 28 May 2026"),
        (replace(SERVED, early_on=ago(181)), Verdict.NOT_YET, "no answer yet: invite to the survey"),
        (replace(SERVED, referred_on=ago(20)), Verdict.ASK_NOW, "referred somebody on 4 Nov 2026"),
        (replace(SERVED, confirmed_on=ago(20)), Verdict.ASK_NOW, "a complaint put right, confirmed 4 Nov 2026"),
        (replace(DELIGHTED, service_contact_on=ago(41)), Verdict.NOT_YET, "sees you only when you sell: log a call"),
        (replace(DELIGHTED, service_contact_on=None), Verdict.NOT_YET, "sees you only when you sell: log a call"),
        (replace(DELIGHTED, service_contact_on=ago(40)), Verdict.ASK_NOW, "every answer 5 on 19 Nov 2026"),
        (SERVED, Verdict.NOT_YET, "no answer yet: invite to the survey"),
        (
            replace(SERVED, answers_on=ago(5), answers_lowest=3, answers_lowest_about="communication"),
            Verdict.NOT_YET,
            "last answer 3 on communication on 19 Nov 2026",
        ),
        (replace(SERVED, late_on=ago(5)), Verdict.NOT_YET, "delivered late on 19 Nov 2026 and not made good"),
        (replace(SERVED, lost_touch_step="step 2"), Verdict.NOT_YET, "lost touch, step 2"),
        (
            replace(DELIGHTED, opted_out="does not want to be asked since 1 Nov 2026"),
            Verdict.DO_NOT_ASK,
            "does not want to be asked since 1 Nov 2026",
        ),
        (replace(DELIGHTED, status="former"), Verdict.DO_NOT_ASK, "is a customer no more"),
        (replace(SERVED, status="prospect"), Verdict.NOT_YET, "has not bought yet"),
        (replace(DELIGHTED, lost_touch_step="lost touch, step 3"), Verdict.NOT_YET, "lost touch, step 3"),
        (Facts(back_on=ago(1)), Verdict.ASK_NOW, "back in touch, the request is due since 23 Nov 2026"),
        (
            replace(SERVED, answers_on=ago(200), answers_lowest=5),
            Verdict.NOT_YET,
            "no answer since 8 May 2026: invite to the survey",
        ),
        (
            replace(DELIGHTED, complaint_since=ago(3), complaint_about="delivery"),
            Verdict.DO_NOT_ASK,
            "a complaint is open since 21 Nov 2026 (delivery)",
        ),
        (replace(DELIGHTED, complaint_since=ago(3)), Verdict.DO_NOT_ASK, "a complaint is open since 21 Nov 2026"),
        (replace(DELIGHTED, pending_ask=17), Verdict.DO_NOT_ASK, "ask 17 waits for an answer"),
        (replace(DELIGHTED, pending_ask=17, draft_ask=17), Verdict.DO_NOT_ASK, "ask 17 is not sent yet"),
        (replace(DELIGHTED, pending_ask=17, draft_ask=11), Verdict.DO_NOT_ASK, "ask 17 waits for an answer"),
        (
            replace(DELIGHTED, asked_on=ago(90)),
            Verdict.DO_NOT_ASK,
            "was asked on 26 Aug 2026, may be asked again from 25 Nov 2026",
        ),
        (replace(DELIGHTED, asked_on=ago(91)), Verdict.ASK_NOW, "every answer 5 on 19 Nov 2026"),
        (Facts(), Verdict.NOT_YET, "sees you only when you sell: log a call"),
    ],
)
def test_each_verdict_has_its_reason(facts: Facts, verdict: Verdict, reason: str) -> None:
    found = judge(facts, TODAY)
    assert (found.verdict, reason in found.reasons) == (verdict, True), found


def test_the_score_is_the_plain_sum_of_the_named_points() -> None:
    found = judge(replace(DELIGHTED, compliment_on=ago(12), early_on=ago(30)), TODAY)
    assert {sign.name: sign.points for sign in found.signs} == {
        "compliment": 3, "all answers 4 or 5": 4, "promise beaten": 2, "contact that sold nothing": 1,
    }  # fmt: skip
    assert found.score == 10
    assert judge(replace(DELIGHTED), TODAY, {"all answers 4 or 5": 7}).score == 8


def test_the_evidence_reads_on_after_i_ask_you_because() -> None:
    found = judge(replace(DELIGHTED, compliment_on=ago(12), early_on=ago(30)), TODAY)
    assert found.evidence == "you were happy with everything on 19 November and you paid us a compliment on 12 November"
    assert judge(replace(SERVED, purchase_on=None), TODAY).evidence == "we spoke on 14 November"
    assert (
        judge(Facts(back_on=date(2026, 12, 30)), date(2027, 1, 4)).evidence
        == "we are in touch again since 30 December 2026"
    )


def test_a_businesss_own_weights_stand_over_the_shipped_ones() -> None:
    assert read_weights({"compliment": 9}) == {**WEIGHTS, "compliment": 9}


@pytest.mark.parametrize("document", [{"smile": 3}, {"compliment": -1}, {"compliment": 101}, {"compliment": True}])
def test_weights_that_nobody_can_read_are_refused(document: dict[str, int]) -> None:
    with pytest.raises(BadValue):
        read_weights(document)
