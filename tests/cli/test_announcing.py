"""News goes to those who own a product and may be written to, and to nobody else."""

from __future__ import annotations

from conftest import Program


def told(shop: Program) -> list[str]:
    return [row["customer"] for row in shop("due", "--json").json if row["playbook"] == "announcement"]


def test_opt_outs_are_kept_when_news_is_made_and_when_it_is_written(shop: Program) -> None:
    for name in ("Hanna [red] Berg", "Jo Park", "Al Ek", "Bo Dahl"):
        first = name.split()[0].lower()
        shop("add-customer", name, "--email", f"{first}@example.org", today="2026-06-01")
        shop("add-purchase", first, "--product", "Filter", "--delivered", "2026-06-01")
    shop("return-purchase", "bo", "--reason", "too small", today="2026-11-24")  # owns none any more
    shop("opt-out", "jo", "--channel", "email", "--purpose", "service")
    made = shop("announce", "filter", "New [hoses]", "--json").json
    assert (made["owners"], made["opted_out"]) == (3, 1)
    assert told(shop) == ["Hanna [red] Berg", "Al Ek"]
    shop("opt-out", "al", "--channel", "any", "--purpose", "any")
    assert told(shop) == ["Hanna [red] Berg"]
    (letter,) = shop("draft", "announcement", "--all", "--json").json
    assert (letter["to"], letter["subject"]) == ("hanna@example.org", "New [hoses]")
    assert shop("undo", shop("history", "--json").json[0]["id"]).code == 0  # Al's opt-out
    assert told(shop) == ["Hanna [red] Berg", "Al Ek"]
