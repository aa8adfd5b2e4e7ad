"""A page is shared by its address, whatever stands in that."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from refertrack.rules.sharing import ways_to_share

PARAMETERS = {"facebook": "u", "x": "url", "linkedin": "url", "whatsapp": "text", "email": "body"}


@pytest.mark.parametrize(
    "page",
    ["https://example.org", "https://example.org/a?b=c&d=e#f", "https://example.org/å b", 'https://example.org/"><'],
)
def test_the_page_comes_out_as_it_went_in(page: str) -> None:
    ways = ways_to_share(page)
    assert list(ways) == list(PARAMETERS)
    for name, address in ways.items():
        assert parse_qs(urlsplit(address).query)[PARAMETERS[name]] == [page]
        assert not set(address) & set(' "<>å')
