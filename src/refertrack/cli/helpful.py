"""The help of one command: its own arguments and options; those that all commands share in a few lines."""

from __future__ import annotations

from typing import Any

from refertrack.cli.options import COMMON
from refertrack.cli.spoken import SpokenCommand
from refertrack.rules.errors import RefertrackError


class HelpfulCommand(SpokenCommand):
    """A command whose help shows its own options, and names those that all share in a few lines."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; where it met a value that is of no kind, say so if the database is what is damaged.

        What comes of a sound database is a mistake of the program, and stays one.
        """
        try:
            return super().invoke(ctx)
        except (UnicodeEncodeError, RefertrackError) as error:
            from refertrack.store.settings import NAMES

            if getattr(error, "field", "") in NAMES:  # a document that the business keeps
                _tell_damage(ctx, error)
            raise
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            _tell_damage(ctx, error)
            raise

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write arguments, options, and the shared options shortly."""
        shown: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": [], COMMON: []}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                own = "Arguments" if parameter.param_type_name == "argument" else "Options"
                shown[COMMON if getattr(parameter, "rich_help_panel", None) == COMMON else own].append(record)
        for title in ("Arguments", "Options"):
            if shown[title]:
                with formatter.section(title):
                    formatter.write_dl(shown[title])
        with formatter.section(COMMON):
            formatter.write_text("  ".join(names.replace(", ", "/") for names, _ in shown[COMMON]))


def _tell_damage(ctx: Any, error: Exception) -> None:
    from refertrack.cli.desk import Desk
    from refertrack.store.integrity import in_words

    told = in_words(Desk(ctx).target)
    if told is not None:
        raise told from error
