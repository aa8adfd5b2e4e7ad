"""The sentence after "because" is read again, clause by clause, so that other languages can say it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refertrack.rules import evidence
from refertrack.rules.evidence import Kind

TODAY = date(2026, 11, 24)
SAID = [kind for kind in Kind if kind is not Kind.KNOWN]
SIGNS = st.lists(
    st.tuples(st.sampled_from(SAID), st.integers(0, 700).map(lambda days: TODAY - timedelta(days=days))),
    min_size=1,
    max_size=2,
)


@given(SIGNS)
def test_what_was_said_is_read_again(signs: list[tuple[Kind, date]]) -> None:
    said = evidence.sentence(evidence.clause(kind, on, TODAY) for kind, on in signs)
    assert evidence.read(said, TODAY) == [{"kind": str(kind), "on": on} for kind, on in signs]


@pytest.mark.parametrize(
    ("joined", "said", "year"),
    [(date(2019, 4, 1), "you have known our work since 2019", 2019), (None, "you have known our work", None)],
)
def test_who_shows_no_sign_knows_our_work(joined: date | None, said: str, year: int | None) -> None:
    assert evidence.known(joined) == said
    assert evidence.read(said, TODAY) == [{"kind": "known", "year": year}]


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "you were happy",
        "you were happy with everything on Sunday",
        "you were happy with everything on 31 February",
        "you were happy with everything on 12 November and you know everybody",
        "Du var nöjd med allt den 12 november",
        "you have known our work since school",
        "we spoke on 3 November at length",
    ],
)
def test_what_a_person_typed_stays_as_it_is(typed: str) -> None:
    assert evidence.read(typed, TODAY) == []


@given(st.text())
def test_anything_may_be_typed(text: str) -> None:
    assert evidence.read(text, TODAY) in ([], [{"kind": "known", "year": None}])
