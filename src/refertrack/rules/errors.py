"""Every failure a person can meet: one hierarchy, each with its code, its exit status and a hint."""

from __future__ import annotations


class RefertrackError(Exception):
    """A sentence for the person, and what to do next.

    ``code`` is stable for scripts (it stands in the JSON of an error), ``exit_status`` is the process's.
    """

    code = "error"
    exit_status = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


class WrongUsage(RefertrackError):
    """The command line is not of the form that the command takes."""

    code = "usage"
    exit_status = 2


class BadValue(WrongUsage):
    """A value is not of its kind: a date that is none, money with too many decimals, a name of 10 MB."""

    code = "bad_value"

    def __init__(self, message: str, hint: str = "", *, field: str = "") -> None:
        super().__init__(message, hint)
        self.field = field


class NotFound(RefertrackError):
    """A thing was named that is not there."""

    code = "not_found"
    exit_status = 3


class Ambiguous(NotFound):
    """A name fits several; ``candidates`` are (id, words) pairs to choose from."""

    code = "ambiguous"

    def __init__(self, message: str, hint: str = "", *, candidates: tuple[tuple[int, str], ...] = ()) -> None:
        super().__init__(message, hint)
        self.candidates = candidates


class NotAllowed(RefertrackError):
    """A rule of the trade refuses: asked too soon, a state change that is not allowed, a self-referral."""

    code = "not_allowed"


class Declined(RefertrackError):
    """The person was asked and said no, or could not be asked and no ``--yes`` was given."""

    code = "declined"


class FileTrouble(RefertrackError):
    """A file cannot be read or written as asked."""

    code = "file"


class LetterTrouble(RefertrackError):
    """A letter cannot be rendered: a field is missing, or the template is wrong."""

    code = "letter"


class StoreTrouble(RefertrackError):
    """The database cannot be opened, is not ours, is newer than the program, or does not answer."""

    code = "database"


class Kept(StoreTrouble):
    """A change was kept, or may be, although that ended with an error: what should follow it is left to do."""

    def add(self, words: str) -> None:
        """Say what is left, too."""
        self.hint = f"{self.hint}. {words}" if words else self.hint


class Busy(StoreTrouble):
    """Another program holds the database for longer than we wait."""

    code = "busy"


class Conflict(StoreTrouble):
    """Somebody else changed the same thing in the meantime."""

    code = "conflict"
