"""The one place that reads the environment, the clock and the user's own configuration file."""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from refertrack.rules.errors import BadValue, FileTrouble, RefertrackError

# No zone's days, and no due date counted on from today, leave the calendar between these.
FIRST_YEAR, LAST_YEAR = 1970, 9000


@dataclass(frozen=True)
class Environment:
    """What the program was started with: variables, streams, and the user's configuration."""

    variables: Mapping[str, str] = field(default_factory=dict)
    in_terminal: bool = False
    out_terminal: bool = False

    @classmethod
    def of_process(cls) -> Environment:
        """Take the environment of this process."""
        return cls(dict(os.environ), _is_terminal(sys.stdin), _is_terminal(sys.stdout))

    def get(self, name: str) -> str:
        """Return a variable, or '' where it is not set."""
        return self.variables.get(name, "")

    def now(self) -> datetime:
        """Return the moment, in UTC.

        Raises:
            RefertrackError: the machine's clock is so far off that no calendar reckons with it.

        """
        moment = self.clock()
        if not FIRST_YEAR <= moment.year < LAST_YEAR:
            raise RefertrackError(
                f"The clock of this machine says {moment.date().isoformat()}.",
                "Nothing was changed. Set the clock right, and try again.",
            )
        return moment

    def clock(self) -> datetime:
        """Return what the machine's clock says, in UTC."""
        return datetime.now(UTC)

    def user(self) -> str:
        """Return the name of the user of this machine."""
        import getpass

        try:
            return getpass.getuser()
        except (OSError, KeyError):
            return "somebody"

    def zone(self) -> str:
        """Return the name of this machine's time zone, '' where it does not say."""
        named = self.get("TZ").lstrip(":")
        if not named:
            link = Path("/etc/localtime")
            named = str(link.resolve()).partition("/zoneinfo/")[2] if link.is_symlink() else ""
        return named if "/" in named and not named.startswith("/") and _is_zone(named) else ""

    def country(self) -> str:
        """Return the two letters of the locale's country, '' where it names none."""
        locale = next((self.get(name) for name in ("LC_ALL", "LC_MONETARY", "LANG") if self.get(name)), "")
        territory = locale.partition(".")[0].partition("_")[2]
        return territory.upper() if len(territory) == 2 and territory.isalpha() else ""

    def config_path(self) -> Path:
        """Return where the user's configuration file is, or would be."""
        if self.get("REFERTRACK_CONFIG"):
            return Path(self.get("REFERTRACK_CONFIG")).expanduser()
        import platformdirs

        folder = platformdirs.user_config_path("refertrack", appauthor=False)
        return self._absolute(folder, ".config") / "config.toml"

    def data_folder(self) -> Path:
        """Return the folder where databases are kept unless told otherwise."""
        import platformdirs

        return self._absolute(platformdirs.user_data_path("refertrack", appauthor=False), ".local/share")

    @staticmethod
    def _absolute(folder: Path, usual: str) -> Path:
        """Return a folder; one that an XDG variable names by a relative path is ignored, as XDG has it."""
        return folder if folder.is_absolute() else Path.home() / usual / "refertrack"

    def config(self) -> Mapping[str, Any]:
        """Return the user's configuration.

        Raises:
            BadValue: it is no TOML, or holds a key that nobody reads.

        """
        path = self.config_path()
        try:
            found = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadValue(f"{path} cannot be read: {error}.", "Mend the line, or move the file away.") from error
        except OSError as error:
            raise FileTrouble(f"{path} cannot be read: {error.strerror}.", "Check its rights.") from error
        from refertrack.rules.preferences import PERSONAL_KEYS

        unknown = sorted(set(found) - set(PERSONAL_KEYS))
        if unknown:
            raise BadValue(
                f'{path} holds "{unknown[0]}", which nobody reads.',
                f"Take it away: refertrack config unset {unknown[0]}. Known are: {', '.join(PERSONAL_KEYS)}.",
            )
        odd = next((key for key, value in found.items() if not isinstance(value, str)), None)
        if odd is not None:
            raise BadValue(f"{path} has {odd} = {found[odd]}, which is no text.", f'Write it in quotes: {odd} = "…"')
        return found


def _is_zone(name: str) -> bool:
    """Whether there is a time zone of a name; one that TZ makes up is none, and the system goes by UTC then."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return bool(ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def _is_terminal(stream: Any) -> bool:
    return stream is not None and not stream.closed and stream.isatty()
