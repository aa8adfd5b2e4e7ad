"""A customer of each language that letters ship in: every letter from the purchase to the friend who buys."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from conftest import Program

ENGLISH = re.compile(
    r"\b(?:the|you|your|and|of|with|we|our|is|are|were|would|have|not|for|from|this|that|it|to|by|at|then|what|when"
    r"|who|please|thank|thanks|days?|order|share|present|performance|small|regards|dear)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Tongue:
    """What is typed in a language, and what the letters must say of it."""

    code: str
    product: str
    wrong: str
    mended: str
    kind: str
    whom: str
    gift: str
    said: dict[str, str]


FRENCH = Tongue(
    "fr", "pompe à chaleur", "une vis manque", "la vis est posée", "une équipe en or", "maisons d’hôtes", "un dîner",
    {
        "thank_you_card": "promise pour le 1er septembre",
        "late_apology": "le 3 septembre, avec deux jours de retard",
        "delivery_check": "deux jours après la date promise",
        "complaint_acknowledged": "«\xa0une vis manque\xa0»",
        "complaint_followup": "n’allait pas (la livraison)",
        "compliment_thanks": "«\xa0une équipe en or\xa0»",
        "survey_invitation": "9. Autre chose à nous dire\xa0?",
        "survey_thanks": "Toutes les personnes qui répondent reçoivent ce lien",
        "smart_request": "le 5 octobre, vous nous avez donné partout la meilleure note",
        "smart_reminder": "Le 8 octobre, je vous ai demandé de transmettre mes coordonnées.",
        "referral_thanks": "à Inès Roy et Yves Petit",
        "contact_referred": "Anne Ibarra m’a dit",
        "introduction_request": "présenter à Yves Petit",
        "referral_won_thanks": "ceci vous attend\xa0: un dîner.",
        "referral_lost_thanks": "vous nous avez recommandés à quelqu’un",
        "reward_thanks": "notre remerciement\xa0: un dîner",
        "keep_in_touch": "Comment allez-vous\xa0?",
    },
)  # fmt: skip
SPANISH = Tongue(
    "es-ES", "bomba de calor", "falta un tornillo", "ya está puesto", "un equipo de oro", "casas rurales", "una cena",
    {
        "thank_you_card": "prometido para el 1 de septiembre",
        "late_apology": "el 3 de septiembre, con dos días de retraso",
        "delivery_check": "dos días después de la fecha prometida",
        "complaint_acknowledged": "«falta un tornillo»",
        "complaint_followup": "algo no estaba bien (la entrega)",
        "compliment_thanks": "«un equipo de oro»",
        "survey_invitation": "9. ¿Quiere decirnos algo más?",
        "survey_thanks": "Todas las personas que contestan reciben este enlace",
        "smart_request": "porque el 5 de octubre nos puso la mejor nota en todo",
        "smart_reminder": "El 8 de octubre le pedí que pasara mis datos de contacto.",
        "referral_thanks": "estas personas: Inès Roy y Yves Petit",
        "contact_referred": "porque Anne Ibarra me dijo",
        "introduction_request": "presentarme a Yves Petit",
        "referral_won_thanks": "le espera esto: una cena.",
        "referral_lost_thanks": "nos recomendó a alguien que conoce",
        "reward_thanks": "nuestro agradecimiento: una cena",
        "keep_in_touch": "¿Qué tal le va?",
    },
)  # fmt: skip
SWEDISH = Tongue(
    "sv-SE", "värmepump", "en skruv saknas", "skruven sitter där nu", "ett lag av guld", "ägare till pensionat",
    "en middag",
    {
        "thank_you_card": "Vi har lovat dig den 1 september",
        "late_apology": "Den kom den 3 september, två dagar för sent.",
        "delivery_check": "två dagar senare än vi hade lovat",
        "complaint_acknowledged": "”en skruv saknas”",
        "complaint_followup": "inte var som det skulle (leverans)",
        "compliment_thanks": "”ett lag av guld”",
        "survey_invitation": "9. Något mer du vill säga?",
        "survey_thanks": "Alla som svarar får den här länken",
        "smart_request": "eftersom du var nöjd med allt den 5 oktober och du gav oss beröm den 19 september. Jag söker",
        "smart_reminder": "Den 8 oktober bad jag dig att skicka mina uppgifter vidare: jag söker ägare till pensionat.",
        "referral_thanks": "för Inès Roy och Yves Petit",
        "contact_referred": "Anne Ibarra har berättat",
        "introduction_request": "presentera mig för Yves Petit",
        "referral_won_thanks": "Som tack väntar en middag på dig.",
        "referral_lost_thanks": "rekommenderade du oss för någon som du känner",
        "reward_thanks": "vårt tack: en middag",
        "keep_in_touch": "Hur har du det?",
    },
)  # fmt: skip
GERMAN = Tongue(
    "Deutsch", "Heizung", "eine Schraube fehlt", "die Schraube sitzt", "ein Team aus Gold", "Pensionen im Ort",
    "ein Abendessen",
    {
        "thank_you_card": "Zugesagt haben wir Ihnen den 1. September",
        "late_apology": "Geliefert haben wir am 3. September, zwei Tage zu spät.",
        "delivery_check": "am 3. September geliefert, zwei Tage später als versprochen",
        "complaint_acknowledged": "„eine Schraube fehlt“",
        "complaint_followup": "dass etwas nicht gestimmt hat (Lieferung)",
        "compliment_thanks": "„ein Team aus Gold“",
        "survey_invitation": "9. Möchten Sie uns sonst noch etwas sagen?",
        "survey_thanks": "Alle, die antworten, bekommen diesen Link",
        "smart_request": "denn Sie waren am 5. Oktober rundum zufrieden und Sie haben uns am 19. September gelobt. Ich",
        "smart_reminder": "am 8. Oktober habe ich Sie gebeten, meine Kontaktdaten weiterzugeben: Ich suche Pensionen",
        "referral_thanks": "danke, dass Sie Inès Roy und Yves Petit von uns erzählt haben",
        "contact_referred": "weil ich von Anne Ibarra weiß",
        "introduction_request": "mit Yves Petit bekannt machen",
        "referral_won_thanks": "Als Dank wartet auf Sie: ein Abendessen.",
        "referral_lost_thanks": "haben Sie uns jemandem empfohlen",
        "reward_thanks": "unser Dankeschön: ein Abendessen",
        "keep_in_touch": "Wie geht es Ihnen?",
    },
)  # fmt: skip
TONGUES = {"fr": FRENCH, "es": SPANISH, "sv": SWEDISH, "de": GERMAN}


FOR_US = frozenset({"recovery_call", "three_call", "delivered_question"})


class Post:
    """Writes what is due, reads it, and sends it."""

    def __init__(self, shop: Program, code: str, tongue: Tongue) -> None:
        self.shop = shop
        self.code = code
        self.tongue = tongue
        self.read: dict[str, str] = {}

    def run(self, *arguments: object, today: str | None = None) -> None:
        """Run a command that must succeed."""
        ran = self.shop(*arguments, today=today)
        assert ran.code == 0, (arguments, ran.err)

    def send(self, day: str) -> list[str]:
        """Draft every letter that is due on a day; return their kinds."""
        rows = self.shop("draft", "--all", "--json", today=day)
        assert rows.code == 0, rows.err
        assert "there is none" not in rows.err
        kinds = []
        for row in rows.json:
            text = f"{row['subject']}\n{row['body']}"
            kind, _, code = row["template"].partition(".")
            self.run("done", row["id"])
            if kind in FOR_US:
                continue
            assert code == self.code, row
            assert ENGLISH.findall(re.sub(r"\S+://\S+", "", text)) == [], text
            self.read.setdefault(kind, text)
            kinds.append(kind)
        return sorted(kinds)


@pytest.mark.parametrize("code", TONGUES)
def test_from_the_purchase_to_the_friend_who_buys(shop: Program, code: str) -> None:
    tongue = TONGUES[code]
    post = Post(shop, code, tongue)
    run = post.run
    run("config", "set", "sender", "Nora Lind", today="2026-08-20")
    run("config", "set", "review_link", "https://lind.example/r")
    run("set-incentive", "thanks", "--gives", tongue.gift)
    run("add-customer", "Anne Ibarra", "--email", "anne@ibarra.example", "--language", tongue.code)
    run("add-purchase", 1, "--product", tongue.product, "--ordered", "2026-08-20", "--promised", "2026-09-01")
    assert post.send("2026-08-20") == ["thank_you_card"]
    run("deliver", 1, "--on", "2026-09-03", today="2026-09-03")
    assert post.send("2026-09-04") == ["late_apology"]
    assert post.send("2026-09-10") == ["delivery_check"]
    run("complain", 1, tongue.wrong, "--process", "delivery", "--owner", "Sven")
    assert post.send("2026-09-10") == ["complaint_acknowledged"]
    run("resolve", 1, "--note", tongue.mended, today="2026-09-11")
    assert post.send("2026-09-18") == ["complaint_followup"]
    run("compliment", 1, tongue.kind, today="2026-09-19")
    assert post.send("2026-09-21") == ["compliment_thanks"]
    assert post.send("2026-10-05") == ["survey_invitation"]
    run("survey", 1, "--service", "5", "--communication", "5", "--performance", "5")
    assert post.send("2026-10-06") == ["survey_thanks"]
    run("ask", 1, "--specific", tongue.whom)
    assert post.send("2026-10-08") == ["smart_request"]
    assert post.send("2026-10-15") == ["smart_reminder"]
    run(
        "answer",
        1,
        "--named",
        "Inès Roy",
        "--email",
        "ines@roy.example",
        "--consent",
        "consent",
        "--named",
        "Yves Petit",
    )
    assert post.send("2026-10-16") == ["contact_referred", "introduction_request", "referral_thanks"]
    run("won", 1, "--product", tongue.product, "--may-tell", today="2026-10-20")
    run("lost", 2, "--reason", "Xx")
    told = ["referral_lost_thanks", "referral_won_thanks", "reward_thanks"]
    assert post.send("2026-10-21") == [*told, "thank_you_card"]  # the card is the friend's, and in her language too
    assert shop("customer", "Inès", "--json").json["language"] == shop("customer", 1, "--json").json["language"]
    run("deliver", "Inès", "--on", "2026-10-23", today="2026-10-23")
    assert post.send("2027-01-25") == ["delivery_check", "keep_in_touch", "keep_in_touch", "survey_invitation"]
    assert {kind: words for kind, words in tongue.said.items() if words not in post.read[kind]} == {}


OTHERS = {
    "announcement": ["announcement.title=Xx", "announcement.from_on=tomorrow"],
    "early_delivery": [],
    "introduction_email": ["referral.name=Xx Yy", "referral.basis=introduction", "referrer.name=Xx"],
    "lost_touch_1": [],
    "lost_touch_2": ["talk.shared=Xx; Yy"],
    "lost_touch_3": [],
    "lost_touch_4": ["remarkable.text=Xx"],
    "lost_touch_5": [],
    "meeting_thanks": [],
    "pass_it_on": [],
    "referral_open_thanks": [],
    "replacement_offer": ["purchase.delivered_on=2026-08-20", "purchase.lasts_until=2027-02-01"],
    "you_said_we_did": ["action.said=Xx", "action.did=Yy"],
}


@pytest.mark.parametrize("code", TONGUES)
def test_the_other_letters_by_name(shop: Program, code: str) -> None:
    tongue = TONGUES[code]
    shop("config", "set", "language", tongue.code)
    shop("add-customer", "Anne Ibarra", "--email", "anne@ibarra.example")
    shop("add-purchase", 1)
    shop("compliment", 1, tongue.kind)
    shop("ask", 1, "--specific", tongue.whom, "--incentive", tongue.gift)
    for kind, given in OTHERS.items():
        ran = shop("draft", kind, 1, "--json", *(part for each in given for part in ("--set", each)))
        assert ran.code == 0, ran.err
        assert ran.json["template"] == f"{kind}.{code}"
        text = f"{ran.json['subject']}\n{ran.json['body']}"
        assert ENGLISH.findall(text) == [], text
    assert set(OTHERS) | set(tongue.said) == {
        row["name"] for row in shop("templates", "--json").json if row["to"] != "us"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("language", "subject"),
    [("fr", "Votre commande (pompe)\xa0: tout va bien\xa0?"), ("en", "Your pompe: is everything as it should be?")],
)
def test_what_has_no_name_is_not_named_in_a_letter_that_it_shares(shop: Program, language: str, subject: str) -> None:
    shop("add-customer", "Anne Ibarra", "--email", "anne@ibarra.example", "--language", language)
    for named in ([], ["--product", "pompe"], []):
        shop("add-purchase", 1, *named, "--delivered", "2026-11-17")
    (check,) = (row for row in shop("draft", "--all", "--json").json if row["template"].startswith("delivery_check"))
    assert check["subject"] == subject
    assert "17 Nov" in check["body"] or "17 novembre" in check["body"]


def test_own_questions_and_own_names_of_them(shop: Program, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[[question]]\nname = "prix_juste"\nkind = "score"\nwords = "Le prix était-il juste ?"\n', "utf-8")
    assert shop("questions", "--import", own, "--yes").code == 0
    shop("add-customer", "Anne Ibarra", "--email", "anne@ibarra.example", "--language", "fr")
    assert "\n1. Le prix était-il juste ? (de 0 à 5)\n" in shop("draft", "survey_invitation", 1).out
    shop("survey", 1, "--score", "prix_juste=1")
    assert "(prix juste)" in shop("draft", "complaint_followup", 1).out


@pytest.mark.parametrize(
    ("written", "greeting"),
    [
        ("Français (France)", "Bonjour Anne,"),
        ("spa", "Hola, Anne:"),
        ("francés", "Bonjour Anne,"),
        ("de la luna", "Hola, Anne:"),
    ],
)
def test_a_language_is_known_however_it_is_written(shop: Program, written: str, greeting: str) -> None:
    shop("config", "set", "language", "es")
    shop("add-customer", "Anne [red]Ibarra", "--email", "anne@ibarra.example", "--language", written)
    shop("add-purchase", 1)
    for drafted in (shop("draft", "thank_you_card", 1), shop("draft", "--all")):
        assert f"\n{greeting}\n" in drafted.out
        assert drafted.err == (
            'Anne [red]Ibarra: "de la luna" is no language, so the letter is in Spanish. Give its name or its code:'
            " refertrack edit-customer 1 --language sv\n"
            if "luna" in written
            else ""
        )
