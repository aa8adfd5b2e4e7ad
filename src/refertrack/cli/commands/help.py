"""Help: the page of every day, all commands, one command, a topic, the manual."""

from __future__ import annotations

from typing import Annotated

import typer

from refertrack.cli.desk import Desk
from refertrack.rules.errors import NotFound


def complete_topic(incomplete: str) -> list[str]:
    """Offer commands and topics."""
    from refertrack.cli.manual import TOPICS
    from refertrack.cli.registry import BY_NAME

    return [name for name in (*BY_NAME, *TOPICS) if name.startswith(incomplete)]


def help_(
    ctx: typer.Context,
    about: Annotated[
        str, typer.Argument(metavar="[ABOUT]", help="A command, or a topic.", autocompletion=complete_topic)
    ] = "",
    everything: Annotated[bool, typer.Option("--all", help="Every command, and the topics.")] = False,
    man: Annotated[bool, typer.Option("--man", help="The whole as a page for man.")] = False,
) -> None:
    """What the commands do: the daily ones, all, one of them, or a topic such as dates.

    Example: refertrack help dates
    """
    desk = Desk(ctx)
    from refertrack.cli.pages import front_page

    if man:
        desk.screen.write(_man(ctx))
    elif about:
        desk.screen.write(_about(ctx, about))
    else:
        desk.screen.write(front_page(everything=everything).strip("\n"))


def _man(ctx: typer.Context) -> str:
    from importlib import metadata

    from refertrack.cli.manual import man_page

    return man_page(ctx.find_root().command, ctx.find_root(), metadata.version("refertrack")).rstrip("\n")


def _about(ctx: typer.Context, name: str) -> str:
    from refertrack.cli.manual import topic, topics_line
    from refertrack.cli.registry import BY_NAME

    if name in BY_NAME:
        root = ctx.find_root()
        command = root.command.get_command(root, name)  # type: ignore[attr-defined]
        return str(command.get_help(typer.Context(command, info_name=name, parent=root))).strip("\n")
    text = topic(name)
    if text is None:
        raise NotFound(f'There is no help on "{name}".', f"Topics: {topics_line()}. Commands: refertrack help --all")
    return text
