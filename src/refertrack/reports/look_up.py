"""Find the one customer that a person means: by id, e-mail address or any part of a name."""

from __future__ import annotations

from refertrack.rules.errors import Ambiguous, NotFound
from refertrack.rules.names import email_key, escape_like, key
from refertrack.rules.text import without_accents
from refertrack.store.reader import Reader, Row

SHOWN = 8
CLOSE_ENOUGH = 70
Name = tuple[int, str, str]  # a customer's id, and the spellings by which name and company are matched


def customer(reader: Reader, text: str) -> Row:
    """Return the row of ``customer_card`` that the text names.

    A whole name counts before a part of one, and the accents that it is written with before none.

    Raises:
        NotFound: nobody is meant; the hint names close spellings.
        Ambiguous: several are meant; ``candidates`` lists them.

    """
    wanted = text.strip()
    if wanted.lstrip("#").isdecimal():
        return by_id(reader, int(wanted.lstrip("#")))
    sentence = 'No customer is called "{}".'
    if "@" in wanted:
        by_email = reader.rows("SELECT * FROM customer_card WHERE email_key = :key LIMIT 20", key=email_key(wanted))
        by_email = by_email or _merged(reader, email_key(wanted))
        if by_email:
            return _only(by_email, wanted, sentence, reader)
        sentence = 'No customer has the e-mail address "{}".'
    name = key(wanted)
    if not name:
        raise NotFound("No customer is named.", "Give an id, an e-mail address or a part of a name.")
    exact = reader.rows("SELECT * FROM customer_card WHERE name_key = :key ORDER BY id LIMIT 20", key=name)
    if len(exact) == 1:
        return exact[0]
    if found := exact or containing(reader, wanted, SHOWN + 1):
        return _only(found, wanted, sentence, reader)
    names = _names(reader)
    found = [by_id(reader, number) for number in _alike(names, wanted)[: SHOWN + 1]]
    return _only(found, wanted, sentence, reader, names)


def by_id(reader: Reader, number: int) -> Row:
    """Return a customer by id; one that was merged leads to the one that it was merged into.

    Raises:
        NotFound: there is none.

    """
    if number > 2**62:
        raise NotFound(f"There is no customer {number}.", "See: refertrack customers")
    row = reader.row("SELECT * FROM customer_card WHERE id = :id", id=number)
    if row is None:
        merged = reader.value("SELECT merged_into FROM customer WHERE id = :id", id=number)
        if merged is None:
            raise NotFound(f"There is no customer {number}.", "See: refertrack customers")
        return by_id(reader, merged)
    return row


def _merged(reader: Reader, email: str) -> list[Row]:
    """Return the customer into whom one with that address was merged."""
    rows = reader.rows("SELECT id FROM customer WHERE email_key = :key AND merged_into IS NOT NULL", key=email)
    found = {row["id"]: row for row in (by_id(reader, each["id"]) for each in rows)}
    return list(found.values())


def containing(reader: Reader, text: str, limit: int) -> list[Row]:
    """Return customers whose name or company holds the text, in the order of their names."""
    return reader.rows(
        "SELECT * FROM customer_card WHERE name_key LIKE :part ESCAPE '\\' OR company_key LIKE :part ESCAPE '\\'"
        " ORDER BY name_key, id LIMIT :limit",
        part=f"%{escape_like(key(text))}%",
        limit=limit,
    )


def but_for_accents(reader: Reader, text: str) -> list[int]:
    """Return the ids of customers whose name or company holds the text but for accents; reads every name."""
    return _alike(_names(reader), text)


def _names(reader: Reader) -> list[Name]:
    """Return all names in their order, from an index alone."""
    return reader.tuples("SELECT id, name_key, company_key FROM customer_card ORDER BY name_key, id")


def _alike(names: list[Name], text: str) -> list[int]:
    """Return the ids of those whose name or company holds the text but for accents.

    Names without any are looked at only where the text has some: as they are, they were found before. All are looked at
    in one text, a line each, since that is so much quicker.
    """
    wanted = without_accents(key(text))
    every = wanted != key(text)
    some = [each for each in names if every or not (each[1].isascii() and each[2].isascii())] if wanted else []
    lines = without_accents("\n".join(f"{name}\t{company}" for _, name, company in some)).split("\n")
    return [number for (number, *_), line in zip(some, lines, strict=False) if wanted in line]


def _only(rows: list[Row], wanted: str, sentence: str, reader: Reader, names: list[Name] | None = None) -> Row:
    if len(rows) == 1:
        return rows[0]
    if not rows:
        near = close(reader, wanted, names)
        listed = ", ".join(f"{row['name']} ({row['id']})" for row in near)
        words = f" Close: {listed}." if near else ""
        raise NotFound(sentence.format(wanted) + words, "See: refertrack customers")
    raise Ambiguous(
        f'"{wanted}" fits {"several" if len(rows) > SHOWN else len(rows)} customers:',
        "Give the id." if len(rows) <= SHOWN else f"Give the id; all: refertrack customers {wanted}",
        candidates=tuple((row["id"], describe(row)) for row in rows[:SHOWN]),
    )


def close(reader: Reader, text: str, names: list[Name] | None = None, limit: int = 3) -> list[Row]:
    """Return customers whose name, or a word of it, is spelled much like the text."""
    from rapidfuzz import fuzz, process

    known = names or _names(reader)
    scored = process.extract(
        key(text), [name_key for _, name_key, _ in known], scorer=fuzz.WRatio, limit=limit, score_cutoff=CLOSE_ENOUGH
    )
    return [by_id(reader, known[index][0]) for _, _, index in scored]


def describe(row: Row) -> str:
    """Return a customer in a few words that tell people of one name apart."""
    details = [part for part in (row.get("company"), row.get("city"), row.get("email")) if part]
    return f"{row['name']} ({', '.join(details)})" if details else str(row["name"])
