"""How a page is passed on: the addresses by which people share it where they are."""

from __future__ import annotations

from urllib.parse import quote

# name → the address that shares a page, with the page's own address in the place of {}
_WAYS = {
    "facebook": "https://www.facebook.com/sharer/sharer.php?u={}",
    "x": "https://x.com/intent/post?url={}",
    "linkedin": "https://www.linkedin.com/sharing/share-offsite/?url={}",
    "whatsapp": "https://wa.me/?text={}",
    "email": "mailto:?body={}",
}


def ways_to_share(page: str) -> dict[str, str]:
    """Return for each place where people share the address that shares a page there."""
    return {name: address.format(quote(page, safe="")) for name, address in _WAYS.items()}
