"""Say what cmake found wrong with a tree, at the line of the tree that caused it."""

import re
from collections.abc import Sequence

from mlxport.cli.errors import UserError

from .configuration import Configuration

LONGEST = 500


def explained(
    said: str, log: Sequence[tuple[str, ...]], configuration: Configuration
) -> UserError:
    """Return the error for what cmake `said`; `log` holds what the prelude refused.

    Paths in `said` are as `Run.named` gives them.
    """
    text = _first_error(said)
    where = _place(text)
    refused = next((record for record in log if record[0] == "refused"), None)
    if refused is None:
        body = re.sub(
            r"^CMake Error.*?(:\n|$)", "", text.split("Call Stack")[0], count=1
        )
        message = " ".join(body.split()) or " ".join(text.split()) or "failed silently"
        return UserError(f"cmake: {message[:LONGEST]}", where=where)
    _, kind, table, question = refused
    if kind == "outside":
        return UserError(
            f"upstream's build writes outside its build folder: {question}",
            where=where,
            hint="sync does not evaluate such a tree",
        )
    if not table:
        return UserError(
            f"upstream's build uses what sync cannot evaluate: {question}",
            where=where,
            hint="please report it: a configuration has no table for it",
        )
    return UserError(
        f"upstream's build asks what configuration {configuration.name} does not "
        f"answer: {question}",
        where=where,
        hint=f"add the answer to [{table}] in {configuration.file}",
    )


def _first_error(said: str) -> str:
    start = re.search(r"^CMake Error", said, re.M)
    if not start:
        return said
    rest = said[start.start() :]
    end = re.search(r"(?<!\A)^(CMake (Error|Warning)|-- )", rest, re.M)
    return rest[: end.start()] if end else rest


def _place(text: str) -> str | None:
    """Return the innermost `file:line` inside the tree that an error of cmake names."""
    places = re.findall(r"^(?:CMake Error at |  )(.+?:\d+)(?: \(|:)", text, re.M)
    # A path in the tree is relative; the prelude's and CMake's own modules are not.
    return next((place for place in places if place[0] not in "/<"), None)
