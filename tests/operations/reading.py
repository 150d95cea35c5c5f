"""Reads what is written for those who run Purser, as text that makes promises: commands, settings, files."""

import re
from pathlib import Path

import click
from flask import Flask

PROJECT = Path(__file__).parents[2]
UNITS = sorted((PROJECT / "deploy" / "systemd").iterdir())

SETTING = re.compile(r"\b(?:PURSER_[A-Z_]+|WEB_CONCURRENCY)\b")
READ = re.compile(r"(?:setting|whole_number|one_of|names|time_zone|mail_server|environ\.get)\(\s*\"([A-Z_]+)\"")
"""Where the program reads a setting."""


def known_settings() -> set[str]:
    """Every variable of the environment that the program reads."""
    files = [PROJECT / "config.py", PROJECT / "run.py", *(PROJECT / "app").rglob("*.py")]
    return {name for file in files for name in READ.findall(file.read_text())}


def settings_in(text: str) -> set[str]:
    """Every setting that a text names."""
    return set(SETTING.findall(text))


COMMAND = re.compile(
    r"(?:(?:^|`|: )purser|run --rm office|flask --app app|-m flask --app app) +((?:[a-z][a-z-]+|--[a-z]+)\b[^`\n|#>]*)",
    re.MULTILINE,
)


def commands_in(text: str) -> list[list[str]]:
    """The commands of Purser that a text gives, each as words."""
    return [found.split() for found in COMMAND.findall(text)]


def problem_with(app: Flask, words: list[str]) -> str:
    """What is wrong with a command; nothing, if all of its words and options exist."""
    command: click.Command = app.cli
    rest = list(words)
    while isinstance(command, click.Group) and rest:
        name = rest.pop(0)
        found = command.get_command(click.Context(command), name)
        if found is None:
            return f"{' '.join(words)}: there is no {name}"
        command = found
    options = {name: one for one in command.params if isinstance(one, click.Option) for name in one.opts}
    given: list[str] = []
    while rest:
        word = rest.pop(0)
        if not word.startswith("--"):
            given.append(word)
        elif word not in options:
            return f"{' '.join(words)}: there is no option {word}"
        elif not options[word].is_flag and rest:
            rest.pop(0)
    arguments = [one for one in command.params if isinstance(one, click.Argument)]
    return "" if len(given) <= len(arguments) else f"{' '.join(words)}: too many words"


def unit(path: Path) -> dict[str, list[str]]:
    """The lines of a unit: name → values, in order."""
    lines: dict[str, list[str]] = {}
    for line in path.read_text().splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            lines.setdefault(name, []).append(value)
    return lines
