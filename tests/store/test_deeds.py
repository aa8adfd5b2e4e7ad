"""What a process has kept, as far as anybody will find it."""

from __future__ import annotations

import pytest

from refertrack.store import deeds


@pytest.mark.parametrize("before", [False, True])
def test_what_is_kept_in_a_passing_file_alone_is_forgotten_and_what_was_kept_before_is_not(before: bool) -> None:
    deeds.none()
    if before:
        deeds.keep()  # such as a form that was brought up to date

    def fails() -> None:
        with deeds.aside():
            deeds.begin()
            deeds.keep()
            assert deeds.kept()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert (deeds.begun(), deeds.kept()) == (before, before)
    deeds.none()
