"""Read from the prelude's log how upstream's build would make its generated files."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .cmake import Run

# The keywords of add_custom_command(OUTPUT ...), CMake 3.25 to 4.4.
KEYWORDS = frozenset(
    [
        "APPEND",
        "BYPRODUCTS",
        "CODEGEN",
        "COMMAND",
        "COMMAND_EXPAND_LISTS",
        "COMMENT",
        "DEPENDS",
        "DEPENDS_EXPLICIT_ONLY",
        "DEPFILE",
        "IMPLICIT_DEPENDS",
        "JOB_POOL",
        "JOB_SERVER_AWARE",
        "MAIN_DEPENDENCY",
        "OUTPUT",
        "USES_TERMINAL",
        "VERBATIM",
        "WORKING_DIRECTORY",
    ]
)


@dataclass(frozen=True, slots=True)
class CustomCommand:
    """The commands that make a file and what it is made from, as `Run.named` gives it."""

    commands: tuple[tuple[str, ...], ...]
    depends: tuple[str, ...]


def custom_commands(run: Run) -> dict[str, CustomCommand]:
    """Return the custom command of each output, by the output's name in `Run.named`."""
    found = {}
    for record in run.log:
        if record[0] != "command":
            continue
        source, build = Path(record[1]), Path(record[2])
        sections = list(_sections(record[3:]))
        outputs = {
            run.named(os.path.normpath(build / path))
            for keyword, words in sections
            if keyword in ("OUTPUT", "BYPRODUCTS")
            for path in words
        }
        command = CustomCommand(
            commands=tuple(
                tuple(run.named(word) for word in words)
                for keyword, words in sections
                if keyword == "COMMAND"
            ),
            depends=tuple(
                sorted(
                    _dependency(run, source, build, word)
                    for keyword, words in sections
                    if keyword in ("DEPENDS", "MAIN_DEPENDENCY")
                    for word in words
                )
            ),
        )
        found.update(dict.fromkeys(outputs, command))
    return found


def _sections(words: tuple[str, ...]) -> Iterator[tuple[str, list[str]]]:
    keyword, section = "", list[str]()
    for word in words:
        if word in KEYWORDS:
            yield keyword, section
            keyword, section = word, []
        else:
            section.append(word)
    yield keyword, section


def _dependency(run: Run, source: Path, build: Path, word: str) -> str:
    for folder in (source, build):
        path = os.path.normpath(folder / word)
        if os.path.exists(path):
            return run.named(path)
    # What is not there yet is the output of another command, or a target.
    return run.named(os.path.normpath(build / word)) if "/" in word else word
