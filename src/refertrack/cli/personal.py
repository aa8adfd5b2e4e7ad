"""The person's own configuration file, written back as they have it: their comments and their order stay."""

from __future__ import annotations

from pathlib import Path

from refertrack.cli.environment import Environment
from refertrack.rules.errors import BadValue, FileTrouble
from refertrack.store import deeds
from refertrack.store.files import private_folder, safe_write


def save(environment: Environment, key: str, value: str | None) -> Path:
    """Set a key in the person's file, or take it away; the file is written whole, for its owner's eyes alone.

    A file that is a symbolic link (to where somebody keeps such files) stays one.

    Raises:
        BadValue: the file is no TOML.
        FileTrouble: it cannot be read or written.

    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    path = environment.config_path()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        text = "# What belongs to this machine and to you; change it here, or with: refertrack config set KEY VALUE\n"
    except (OSError, UnicodeDecodeError) as error:
        raise FileTrouble(f"{path} cannot be read.", "Check its rights, or move it away.") from error
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise BadValue(f"{path} cannot be read: {error}.", "Mend the line, or move the file away.") from error
    if value is not None:
        document[key] = tomlkit.string(value, multiline="\n" in value)
    elif key in document:
        del document[key]
    _write(path.resolve(), tomlkit.dumps(document))
    return path


def _write(path: Path, text: str) -> None:
    try:
        private_folder(path.parent)
    except OSError as error:
        otherwise = "" if deeds.begun() else " Nothing was changed."
        raise FileTrouble(
            f"{path.parent} cannot be made: {error.strerror or error}.{otherwise}",
            "Check the rights of the folders above it, or name a file that you can write in REFERTRACK_CONFIG.",
        ) from error
    try:
        safe_write(path, text.encode("utf-8"), force=True)
    except FileTrouble as error:
        error.hint = (
            "Check the disk and the rights of the folder, or name a file that you can write in REFERTRACK_CONFIG."
        )
        raise
