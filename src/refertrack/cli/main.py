"""The program's entry: finds the command, runs it, and turns every failure into a sentence and an exit code."""

from __future__ import annotations

import gc
import sys

# Collecting garbage while modules load costs a fifth of the start-up; see docs/house.md. It begins again when the
# database is opened (``desk.settle``).
gc.disable()


def _quiet(kind: type[BaseException], error: BaseException, trace: Any) -> None:
    """Show nothing of an interruption while modules load; everything else as ever."""
    if kind is not KeyboardInterrupt:
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _quiet

import os  # noqa: E402
from importlib import import_module  # noqa: E402
from typing import Any  # noqa: E402

import typer  # noqa: E402
from typer._click.exceptions import MissingParameter  # noqa: E402
from typer.core import TyperCommand, TyperGroup  # noqa: E402
from typer.exceptions import TyperException  # noqa: E402
from typer.main import get_command, get_command_from_info  # noqa: E402
from typer.models import CommandInfo  # noqa: E402

from refertrack.cli.desk import Desk  # noqa: E402
from refertrack.cli.environment import Environment  # noqa: E402
from refertrack.cli.helpful import HelpfulCommand  # noqa: E402
from refertrack.cli.options import Options, common_parameters  # noqa: E402
from refertrack.cli.registry import BY_NAME, COMMANDS, Entry  # noqa: E402
from refertrack.cli.screen import ReaderGone, Screen  # noqa: E402
from refertrack.rules.errors import RefertrackError, StoreTrouble, WrongUsage  # noqa: E402
from refertrack.store import deeds  # noqa: E402

SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"]}


def build(entry: Entry) -> TyperCommand:
    """Import a command's module and make the command, with the common options."""
    module = import_module(f"refertrack.cli.commands.{entry.module}")
    info = CommandInfo(
        name=entry.name,
        cls=HelpfulCommand,
        callback=getattr(module, entry.function),
        context_settings=SETTINGS,
        rich_help_panel=None,
    )
    command = get_command_from_info(info, pretty_exceptions_short=False, rich_markup_mode=None)
    command.params.extend(common_parameters({parameter.name or "" for parameter in command.params}))
    return command  # type: ignore[return-value]


class Front(TyperGroup):
    """The group of all commands; each is built when it is asked for."""

    def list_commands(self, _ctx: Any) -> list[str]:
        """Return the commands' names in the order of their panels."""
        return [entry.name for entry in COMMANDS]

    def get_command(self, _ctx: Any, cmd_name: str) -> Any:
        """Return the command of that name, or None."""
        entry = BY_NAME.get(cmd_name)
        return build(entry) if entry else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command; a word that is none is answered with the right one."""
        if not args[0].startswith("-") and args[0] not in BY_NAME:
            raise unknown_command(args[0])
        return super().resolve_command(ctx, args)

    def format_help(self, _ctx: Any, formatter: Any) -> None:
        """Show the dozen commands of every day, and name the rest."""
        from refertrack.cli.pages import front_page

        formatter.write(front_page())


def unknown_command(name: str) -> WrongUsage:
    """Say that a command does not exist, and which ones are close."""
    from rapidfuzz import process

    close = [word for word, score, _ in process.extract(name, list(BY_NAME), limit=3) if score >= 60]
    words = f" Close: {', '.join(close)}." if close else ""
    return WrongUsage(f'There is no command "{name}".{words}', "All commands: refertrack help --all")


def show_version(value: bool) -> None:
    """Print the version and stop."""
    if value:
        from importlib import metadata

        typer.echo(f"refertrack {metadata.version('refertrack')}")
        raise typer.Exit


app = typer.Typer(
    cls=Front,
    context_settings=SETTINGS,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    name="refertrack",
)


@app.callback(invoke_without_command=True)
def start(
    ctx: typer.Context,
    _version: bool = typer.Option(False, "--version", callback=show_version, is_eager=True, help="Show the version."),
) -> None:
    """Follow up, ask for referrals at the right moment, and see what works."""
    if ctx.invoked_subcommand is None:
        from refertrack.cli.pages import welcome

        welcome(Desk(ctx))


def program() -> TyperGroup:
    """Return the program with the common options in front of the commands, too."""
    group = get_command(app)
    group.params.extend(common_parameters(set()))
    return group  # type: ignore[return-value]


def run(arguments: list[str] | None = None) -> None:
    """Run the program and leave with its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    group = program()
    if Environment.of_process().get("_REFERTRACK_COMPLETE"):
        from refertrack.cli.shells import use

        use()
    try:
        code = guarded(group, given)
        sys.stdout.flush()
        sys.stderr.flush()
    except (ReaderGone, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    gc.freeze()  # what stands now ends with the process: looking through it again would only delay the exit
    gc.enable()
    sys.exit(code)


def _open_streams() -> None:
    """Open what the caller closed (``>&-``): a database must not be opened under the number of an output."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            handle = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: the one that was closed
            setattr(sys, name, os.fdopen(handle, "r" if name == "stdin" else "w", encoding="utf-8"))


def with_questions(group: TyperGroup, arguments: list[str]) -> Any:
    """Run a command line; on a terminal what a command cannot do without is asked for, one thing at a time."""
    given = list(arguments)
    while True:
        try:
            return group.main(args=given, prog_name="refertrack", standalone_mode=False)
        except MissingParameter as missing:
            screen = _screen(arguments)
            parameter, context = missing.param, missing.ctx
            if parameter is None or context is None or not screen.interactive or "--no-input" in arguments:
                raise
            answer = screen.ask(parameter.make_metavar(context).strip("[]."))
            if not answer:
                raise
            options = [] if parameter.param_type_name == "argument" else [parameter.opts[0]]
            given += [*options, *(answer.split() if parameter.nargs == -1 else [answer])]


_SEE = ". See what was done before that: refertrack history"


def guarded(group: TyperGroup, arguments: list[str]) -> int:
    """Run a command line; every failure becomes a sentence on stderr and an exit code."""
    deeds.none()
    if "--debug" in arguments:
        import logging

        logging.basicConfig()  # what libraries have to say is shown, too
    try:
        code = with_questions(group, arguments)
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    except (ReaderGone, BrokenPipeError):
        raise
    except Exception as error:  # the last net: no traceback and no customer's data reaches the person
        if "--debug" in arguments and not isinstance(error, TyperException):
            raise
        told = _in_words(error)
        _screen(arguments).error(told)
        return told.exit_status
    if code == 130:
        sys.stderr.write(f"\nInterrupted{_SEE if deeds.begun() else '; nothing was changed.'}\n")
    return code if isinstance(code, int) else 0


def _screen(arguments: list[str]) -> Screen:
    return Screen(Environment.of_process(), Options(json="--json" in arguments))


def _usage_hint(error: TyperException) -> str:
    context = getattr(error, "ctx", None)
    return f"See: {context.command_path} --help" if context is not None else "See: refertrack --help"


def _in_words(error: Exception) -> RefertrackError:
    """Return what went wrong as a sentence; of what nobody expected, no more than its kind is told."""
    if isinstance(error, StoreTrouble) and deeds.kept():  # by an earlier step of the same command
        error.message, error.hint = (
            words.replace("Nothing was changed.", "").replace("  ", " ").strip()
            for words in (error.message, error.hint)
        )
    if isinstance(error, RefertrackError):
        return error
    if isinstance(error, TyperException):
        return WrongUsage(error.format_message(), _usage_hint(error))
    if isinstance(error, UnicodeEncodeError):
        return WrongUsage("A word holds half a character (bad encoding).", "Type it again as UTF-8.")
    if isinstance(error, OSError):  # nearly always: what was done could not be told
        return RefertrackError(
            f"The system refused to go on: {error.strerror or error}.",
            "See what was done before that: refertrack history" if deeds.begun() else "Nothing was changed.",
        )
    return RefertrackError(
        f"Something went wrong inside refertrack ({type(error).__name__})"
        + (_SEE if deeds.begun() else "; nothing was changed."),
        "See whether the data is whole: refertrack check. If it is, run it again with --debug to see where, and report"
        " that, without your customers' data.",
    )
