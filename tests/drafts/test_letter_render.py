"""Rendering: strict about fields, safe with templates from elsewhere, clear about what is wrong and where."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from letter_fields import full

from refertrack.drafts.render import Letter, render
from refertrack.rules.errors import LetterTrouble

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the user's own letter, of a subject and this body; return the folder of templates."""

    def writer(body: str, name: str = "own.txt.j2", head: str = "Subject: Hello\n\n") -> Path:
        (tmp_path / "letters").mkdir(exist_ok=True)
        (tmp_path / "letters" / name).write_text(head + body, encoding="utf-8")
        return tmp_path

    return writer


def trouble(mine: Path, fields: dict[str, object] | None = None, name: str = "own") -> tuple[str, str]:
    with pytest.raises(LetterTrouble) as caught:
        render(name, full() if fields is None else fields, mine=mine)
    return caught.value.message, caught.value.hint


def test_subject_and_body_are_cut_apart(write: Write) -> None:
    mine = write("\n\nDear {{ customer.name }},  \n\n\n\n\nbye\t\n\n", head="{# note #}\n\nSubject:  Two   words \n")
    expected = Letter("Two words", "Dear Marta Oliveira,\n\nbye\n", "own", mine / "letters" / "own.txt.j2")
    assert render("own", full(), mine=mine) == expected
    assert not expected.is_html


@pytest.mark.parametrize("head", ["", "Hello\n\n", "subject: small\n\n", "\n\nDear,\nSubject: late\n\n"])
def test_a_letter_begins_with_its_subject(write: Write, head: str) -> None:
    message, hint = trouble(write("body", head=head))
    assert message == "own.txt.j2, line 1: the letter does not begin with its subject."
    assert "Subject: …" in hint


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("a\n{% if customer %}\nb\n{% endif %}\nc\n", "a\nb\nc\n"),
        ("a\n{% if no %}\nb\n{% endif %}\nc\n", "a\nc\n"),
        ("a{% if customer %} b{% endif %}\n\nc\n", "a b\n\nc\n"),
        ("a\n{%- if customer %}, b{% endif %}\nc\n", "a, b\nc\n"),
        ("a\n{%- if no %}, b\n{%- else %}, c\n{%- endif %}\n\nd\n", "a, c\n\nd\n"),
        ("a\n  {# aside #}\n  {% if no %}{% endif %}\nb\n", "a\nb\n"),
        ("a\n{# long\n aside #}\nb\n", "a\nb\n"),
        ("a\n{% for x in talk.shared -%}\n  {{ loop.index }} {{ x }}\n{% endfor %}\nb\n",
         "a\n1 The annexe opens in May.\n2 The old boiler stays as a reserve.\nb\n"),
        ("a\r\n{% if customer %}\r\nb\r\n{% endif %}\r\nc\r\n", "a\nb\nc\n"),
        ("{{ '{% if %}' }}\na\n", "{% if %}\na\n"),
    ],
)  # fmt: skip
def test_lines_of_tags_leave_no_lines(write: Write, source: str, printed: str) -> None:
    assert render("own", full(), mine=write(source)).body == printed


@pytest.mark.parametrize(
    ("fields", "message", "hint"),
    [
        ({}, 'own.txt.j2, line 4: "sender.name" has no value.', 'Set it: refertrack config set sender "Your name"'),
        ({"sender": {}}, 'own.txt.j2, line 4: "sender.name" has no value.', None),
        ({"sender": {"name": None}}, 'own.txt.j2, line 4: "sender.name" has no value.', None),
        ({"sender": {"name": " \n"}}, 'own.txt.j2, line 4: "sender.name" has no value.', None),
        (
            {"sender": {"name": "Nora"}, "customer": {"id": 31, "email": ""}},
            'own.txt.j2, line 5: "customer.email" has no value.',
            "Set it: refertrack edit-customer 31 --email ADDRESS",
        ),
        (
            {"sender": {"name": "Nora"}},
            'own.txt.j2, line 5: "customer.email" has no value.',
            "Set it: refertrack edit-customer CUSTOMER --email ADDRESS",
        ),
    ],
)
def test_a_field_without_a_value(write: Write, fields: dict[str, object], message: str, hint: str | None) -> None:
    said = trouble(write("first\n{{ sender.name }}\n{{ customer.email }}"), fields)
    assert said[0] == message
    assert hint in {None, said[1]}


def test_the_error_of_a_shipped_letter_names_the_part_that_it_stands_in() -> None:
    with pytest.raises(LetterTrouble) as caught:
        render("thank_you_card", full(sender=None))
    assert caught.value.message == '_signature.txt.j2, line 5: "sender.name" has no value.'
    assert caught.value.hint == 'Set it: refertrack config set sender "Your name"'


@pytest.mark.parametrize(
    ("source", "field"),
    [
        ("{{ nobody }}", "nobody"),
        ("{{ nobody.at.all }}", "nobody.at.all"),
        ("{{ customer.nothing }}", "customer.nothing"),
        ('{{ customer["nothing"] }}', "customer.nothing"),
        ("{{ customer.nothing | upper }}", None),
        ("{{ customer.nothing | title }}", "customer.nothing"),
        ("{{ purchase.days_early | days }}", "purchase.days_early"),
        ("{{ purchase.days_early | day }}", "purchase.days_early"),
        ("{{ nobody | list_words }}", "nobody"),
        ("{% for x in nobody %}x{% endfor %}", "nobody"),
        ('{% if nobody == "x" %}x{% endif %}', "nobody"),
        ('{% if nobody in ("x", "y") %}x{% endif %}', "nobody"),
        ("{% if nobody > 3 %}x{% endif %}", "nobody"),
        ("{{ nobody or customer.nothing }}", "customer.nothing"),
        ('{{ purchases | list_words("price") }}', "purchases.price"),
        ("{{ purchases[7].what }}", "purchases[7].what"),
        ("{% for item in purchases %}{{ item.price }}{% endfor %}", "purchases.price"),
    ],
)
def test_every_bare_use_is_strict(write: Write, source: str, field: str | None) -> None:
    message, _ = trouble(write(source))
    assert message.startswith("own.txt.j2, line 3: ")
    if field:
        assert f'"{field}" has no value.' in message


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("{% if nobody %}x{% else %}y{% endif %}", "y"),
        ("{% if not customer.nothing %}y{% endif %}", "y"),
        ("{{ nobody or customer.first_name }}", "Marta"),
        ('{{ nobody | default("friend") }}', "friend"),
        ("{% if nobody is defined %}x{% endif %}y", "y"),
        ("{% if nobody.at.all %}x{% endif %}y", "y"),
        ('{{ "a" if customer.nothing else "b" }}', "b"),
        ("{{ survey.score }} {{ purchases[1].what }} {{ (purchases | last).what }}", "3 thermostat radiator"),
        ("{{ customer['name'] | upper }}", None),
        ("{{ customer['name'] | lower }}", "marta oliveira"),
        ("{{ meeting.on }}", "23 November"),
        ("{% for item in purchases %}{{ loop.index }}{{ '' if loop.last else ', ' }}{% endfor %}", "1, 2, 3"),
        ("{{ purchases | length }}", "3"),
    ],
)
def test_what_may_be_empty_is_tested(write: Write, source: str, printed: str | None) -> None:
    if printed is None:
        assert "No filter named 'upper'" in trouble(write(source))[0]
    else:
        assert render("own", full(), mine=write(source)).body == f"{printed}\n"


def test_zero_and_false_are_values(write: Write) -> None:
    mine = write("{{ survey.score }}{% if referral.may_tell %}x{% endif %}")
    assert render("own", full(survey__score=0, referral__may_tell=False), mine=mine).body == "0\n"


HOSTILE = [
    "{{ customer.__class__ }}",
    '{{ customer["__class__"] }}',
    '{{ "".__class__.__mro__ }}',
    "{{ customer.name.__len__ }}",
    "{{ customer.name.upper }}",
    "{{ customer._fields }}",
    "{{ customer.path }}",
    "{{ today.year }}",
    '{{ customer | attr("_fields") }}',
    '{{ customer.get("name") }}',
    "{{ self }}",
    "{{ self.__init__.__globals__ }}",
    "{{ loop }}",
    "{% for x in talk.shared %}{{ loop._iterable }}{% endfor %}",
    "{% for x in talk.shared %}{{ loop.cycle }}{% endfor %}",
    "{% for x in talk.shared recursive %}{{ loop(talk.shared) }}{% endfor %}",
    "{{ range(10) }}",
    "{% for i in range(1000000000) %}{% endfor %}",
    "{{ lipsum() }}",
    "{{ cycler }}",
    '{{ "x" * 1000000000 }}',
    "{{ 9 ** 9 ** 9 }}",
    "{{ 1 + 1 }}",
    "{{ -survey.score }}",
    '{{ "%1000000000d" % 1 }}',
    '{{ "a" ~ "b" }}',
    '{{ "{:>1000000000}".format(1) }}',
    '{{ "x" | center(1000000000) }}',
    '{{ "x" | replace("x", "xx") }}',
    "{{ customer.name | safe }}",
    "{{ customer.name[0:3] }}",
    "{% set x = 1 %}",
    "{% set x %}a{% endset %}",
    "{% macro m() %}{% endmacro %}",
    "{% filter lower %}x{% endfilter %}",
    "{% with a = 1 %}{% endwith %}",
    "{% block b %}{% endblock %}",
    '{% extends "thank_you_card.txt.j2" %}',
    '{% import "_signature.txt.j2" as s %}',
    '{% from "_signature.txt.j2" import s %}',
    "{% autoescape false %}x{% endautoescape %}",
    '{% include "../../../etc/passwd" %}',
    '{% include "/etc/passwd" %}',
    '{% include "../letters/_signature.txt.j2" %}',
    '{% include "no_such.txt.j2" %}',
    '{% include ["_signature.txt.j2"] %}',
    "{% include customer.name %}",
    '{% include "own.txt.j2" %}',
    "{% for x in customer.name %}x{% endfor %}",
    "{% for x in customer %}x{% endfor %}",
    "{{ purchases }}",
    "{{ customer }}",
    "{{ referral.may_tell }}",
    "{{ [customer] | list_words }}",
    "{% if customer %}",
    "{{ customer.name",
    "{% no_such_tag %}",
    "{{ customer.name | no_such_filter }}",
    "{% if customer is no_such_test %}{% endif %}",
    "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "{% if customer %}" * 120 + "{% endif %}" * 120,
    "{% for x in talk.shared %}" * 30 + "{% endfor %}" * 30,
]


@pytest.mark.parametrize("source", HOSTILE, ids=[source[:48] for source in HOSTILE])
def test_a_template_from_elsewhere_gets_no_further(write: Write, source: str) -> None:
    message, hint = trouble(write(f"first\n{source}"))
    assert re.match(r"own\.txt\.j2(, line \d+)?: ", message), message
    assert message.endswith(".")
    assert hint
    assert "\n" not in message


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{% for a in L %}{% for b in L %}{% for c in L %}{% endfor %}{% endfor %}{% endfor %}", "repeats more than"),
        ("{% for a in L %}{% for b in L %}{{ complaint.text }}{% endfor %}{% endfor %}", "longer than 100,000"),
        ("{% for a in L %}{% for b in L %}{% include '_part.txt.j2' %}{% endfor %}{% endfor %}", "repeats more than"),
    ],
)
def test_a_letter_without_end_is_stopped(write: Write, source: str, words: str) -> None:
    numbers = f"({','.join('1' for _ in range(90))})"
    mine = write("x", name="_part.txt.j2", head="")
    write(source.replace("L", numbers))
    fields = full(complaint__text="cold " * 100)
    assert words in trouble(mine, fields)[0]


def test_a_value_may_be_long_but_not_endless(write: Write) -> None:
    mine = write("{{ complaint.text }}")
    assert len(render("own", full(complaint__text="x" * 90_000), mine=mine).body) == 90_001
    assert "longer than 100,000 characters" in trouble(mine, full(complaint__text="x" * 200_000))[0]


@pytest.mark.parametrize("piece", ["{%\n", "{#\n", "{% {#\n", "{% if x %}", " \t", "{{ ", "{%- end\n", "%}#}\n"])
def test_a_long_template_is_read_in_one_go(write: Write, piece: str) -> None:
    mine = write(piece * (90_000 // len(piece)))
    started = perf_counter()
    with suppress(LetterTrouble):
        render("own", full(), mine=mine)
    assert perf_counter() - started < 5


def test_a_value_of_blanks_is_printed_in_one_go(write: Write) -> None:
    mine = write("{{ complaint.text }}")
    started = perf_counter()
    body = render("own", full(complaint__text=f"x{' ' * 90_000}y"), mine=mine).body
    assert len(body) == 90_003
    assert perf_counter() - started < 5


def test_files_that_include_each_other(write: Write) -> None:
    mine = write('{% include "_a.txt.j2" %}')
    write('{% include "_b.txt.j2" %}', name="_a.txt.j2", head="")
    write('{% include "_a.txt.j2" %}', name="_b.txt.j2", head="")
    assert "nested too deeply" in trouble(mine)[0]


@pytest.mark.parametrize("name", ["own.txt.j2", "_part.txt.j2"])
def test_a_link_out_of_the_folder_is_not_followed(write: Write, tmp_path: Path, name: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("Subject: secret\n\nsecret", encoding="utf-8")
    mine = write('{% include "_part.txt.j2" %}')
    (mine / "letters" / name).unlink(missing_ok=True)
    (mine / "letters" / name).symlink_to(secret)
    assert trouble(mine)[0].endswith(f"{name} leads out of its folder.")


def test_a_file_that_is_no_text(write: Write) -> None:
    mine = write("")
    (mine / "letters" / "own.txt.j2").write_bytes(b"Subject: \xff\xfe")
    assert trouble(mine) == ("own.txt.j2 is not UTF-8.", "Save it as UTF-8 in your editor.")


def test_a_file_of_a_windows_editor(write: Write) -> None:
    mine = write("")
    (mine / "letters" / "own.txt.j2").write_bytes("\ufeffSubject: Grüße\r\n\r\nHallo\r\n".encode())
    letter = render("own", {}, mine=mine)
    assert (letter.subject, letter.body) == ("Grüße", "Hallo\n")


def test_html_is_escaped_and_its_subject_is_not(write: Write) -> None:
    mine = write("<p>{{ customer.name }}</p>", name="own.html.j2", head="Subject: For {{ customer.name }}\n\n")
    letter = render("own", {"customer": {"name": "<b>Berg & Co</b>"}}, mine=mine)
    assert letter.body == "<p>&lt;b&gt;Berg &amp; Co&lt;/b&gt;</p>\n"
    assert letter.subject == "For <b>Berg & Co</b>"
    assert letter.is_html


def test_html_takes_no_plain_part(write: Write) -> None:
    mine = write('{% include "_signature.txt.j2" %}', name="own.html.j2")
    assert '"_signature.txt.j2" is not of this letter\'s kind' in trouble(mine)[0]


@pytest.mark.parametrize("value", [b"bytes", 1.5, object(), {1, 2}])
def test_a_value_that_no_letter_prints(write: Write, value: object) -> None:
    with pytest.raises(LetterTrouble, match=r'"customer\.name" cannot be printed'):
        render("own", {"customer": {"name": value}}, mine=write("x"))


@settings(deadline=None)
@given(st.text(min_size=1, max_size=60))
@example("Bob\r\nBcc: all@example.org")
@example("a\x00b")
@example("a\u2028b\x85c")
@example("a \xa0 b\u202f")
@example("{{ sender.name }}")
@example("{% if %}")
def test_whatever_a_name_holds_the_subject_is_one_line(name: str) -> None:
    fields = full(customer__name=name, customer__first_name=None)
    if not name.strip():
        with pytest.raises(LetterTrouble, match=r'"customer\.name" has no value'):
            render("thank_you_card", fields)
        return
    letter = render("thank_you_card", fields)
    said = re.split(r"[^\S\xa0\u202f]+", f"Thank you, {name}".replace("\x00", ""))
    assert letter.subject == " ".join(said).strip()
    assert len(letter.subject.splitlines()) == 1
    assert "\x00" not in letter.body


PIECES = st.sampled_from(
    ["{{", "}}", "{%", "%}", "{#", "#}", "-", " ", "\n", "if", "endif", "for", "in", "endfor", "include", "x", "else",
     "customer.name", "purchases", "loop.index", "|", "day", "days", "list_words", "default", "(", ")", "[", "]", '"',
     "'", "_greeting.txt.j2", "0", "99999999999999999999", "==", "<", "and", "not", "or", ".", ",", "raw", "endraw"]
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=14).map(" ".join))
def test_any_template_renders_or_says_what_is_wrong(write: Write, source: str) -> None:
    mine = write(source)
    try:
        letter = render("own", full(), mine=mine)
    except LetterTrouble as error:
        assert re.match(r"_?\w+\.txt\.j2(, line \d+)?: ", error.message)  # noqa: PT017
    else:
        assert letter.subject == "Hello"


def test_dates_follow_todays_year(write: Write) -> None:
    mine = write("{{ today }} {{ meeting.on }}")
    assert render("own", {"today": date(2027, 1, 2), "meeting": {"on": date(2026, 12, 31)}}, mine=mine).body == (
        "2 January 31 December 2026\n"
    )
