"""The lines of orders in a file of their own: what each order costs, out of prices, quantities and discounts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from refertrack.exchange.field import field
from refertrack.exchange.fields import header_key
from refertrack.rules.errors import BadValue, FileTrouble
from refertrack.rules.money import digits, minor_from_decimal, read_decimal, to_decimal_string

if TYPE_CHECKING:
    from refertrack.exchange.csvread import Row, Table

LINES = (
    field("order", "id", "order id, order number, order no, order, purchase id, invoice number, invoice no, "
          "bestellnummer, rechnungsnummer", required=True),
    field("price", "money", "unit price, price, item price, price each, lineitem price, einzelpreis", required=True),
    field("quantity", "int", "quantity, qty, units, pieces, menge, anzahl"),
    field("discount", "money", "discount, discount rate, discount percent, rebate, rabatt"),
)  # fmt: skip


@dataclass(frozen=True)
class OrderTotal:
    """What an order's lines come to, with their discounts and without, not rounded; ``problem`` is why not.

    ``before`` is what the orders before it come to, with their discounts and without.
    """

    amount: Decimal = Decimal(0)
    list_amount: Decimal = Decimal(0)
    problem: str = ""
    before: tuple[Decimal, Decimal] = (Decimal(0), Decimal(0))

    def values(self, currency: str) -> dict[str, str]:
        """Return the amounts as a purchase's row has them.

        What rounding an order leaves over goes to the next one that is no whole number of cents, either. So the sum
        of all is right to the cent, each is less than a cent off, and whole amounts stay as they are.
        """
        return {
            name: to_decimal_string(_rounded(before + amount, currency) - _rounded(before, currency), currency)
            for name, amount, before in zip(
                ("amount", "list_amount"), (self.amount, self.list_amount), self.before, strict=True
            )
        }


def order_totals(table: Table) -> dict[str, OrderTotal]:
    """Add up the lines of each order: price × quantity, less the discount.

    A discount is a share where no line has more than 1 (0.15), else a percentage (15). An order with a line that
    cannot be read has a problem instead of an amount.

    Raises:
        FileTrouble: the file has no column for the order or the price.

    """
    places = _places(table)
    read = [_line(row, places) for row in table.rows()]
    scale = 1 if all(off <= 1 for *_, off in read) else 100
    found: dict[str, OrderTotal] = {}
    for order, problem, listed, off in read:
        so_far = found.get(order, OrderTotal())
        beyond = f"a discount of {off} is more than everything" if off > scale else ""
        found[order] = OrderTotal(
            so_far.amount + listed * (1 - off / scale), so_far.list_amount + listed, so_far.problem or problem or beyond
        )
    return _in_a_row(found)


def _in_a_row(totals: dict[str, OrderTotal]) -> dict[str, OrderTotal]:
    """Give each order what those before it come to, by their ids: a file in another order has the same amounts."""
    before = (Decimal(0), Decimal(0))
    for order in sorted(totals, key=lambda order: (len(order), order)):
        total = totals[order]
        totals[order] = replace(total, before=before)
        if not total.problem:
            before = (before[0] + total.amount, before[1] + total.list_amount)
    return totals


def _rounded(amount: Decimal, currency: str) -> int:
    """Return an amount in minor units, half up, so that whole units more make just as many more.

    Raises:
        BadValue: it is too large.

    """
    step = Decimal(1).scaleb(-digits(currency))
    return minor_from_decimal(amount.quantize(step, ROUND_HALF_UP), currency)


def _places(table: Table) -> dict[str, int]:
    keys = [header_key(column) for column in table.columns]
    found = {
        each.name: keys.index(word) for each in LINES for word in reversed(each.words) if word in keys
    }  # the surest word last: it stays
    missing = [each.name for each in LINES if each.required and each.name not in found]
    if missing:
        raise FileTrouble(
            f"No column of {table.name} is known to hold the {missing[0]}. It has: {', '.join(table.columns)}.",
            f"Call one of them {' or '.join(next(each.words for each in LINES if each.name == missing[0])[:2])}.",
        )
    return found


def _line(row: Row, places: dict[str, int]) -> tuple[str, str, Decimal, Decimal]:
    """Return a line's order, what is wrong with it, its price × quantity, and its discount."""
    cells = {name: row.cells[place].strip() for name, place in places.items() if place < len(row.cells)}
    order = cells.get("order", "")
    if row.reason:
        return order, f"line {row.line} of the order lines: {row.reason}", Decimal(0), Decimal(0)
    try:
        price = read_decimal(cells["price"], field="price")
        quantity = read_decimal(cells.get("quantity") or "1", field="quantity")
        off = read_decimal((cells.get("discount") or "0").removesuffix("%").strip(), field="discount")
    except BadValue as error:
        return order, f"line {row.line} of the order lines: {error.message}", Decimal(0), Decimal(0)
    return order, "", price * quantity, off
