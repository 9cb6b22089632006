"""The releases of MLX on PyPI that a migration can start from or go to."""

import re

from mlxport.cli.errors import UserError

Version = tuple[int, ...]

RELEASES = (
    "0.25.2", "0.26.1", "0.26.2", "0.26.3", "0.26.5", "0.27.1", "0.28.0", "0.29.0",
    "0.29.1", "0.29.2", "0.29.3", "0.29.4", "0.30.0", "0.30.1", "0.30.3", "0.30.4",
    "0.30.5", "0.30.6", "0.31.0", "0.31.1", "0.31.2", "0.32.0", "0.32.1", "0.32.2",
    "0.32.3", "0.32.4",
)  # fmt: skip
NEWEST = RELEASES[-1]


def parse_version(text: str) -> Version:
    """Return the parts of a version such as "0.29.1"."""
    return tuple(int(part) for part in text.split("."))


def known_release(text: str, option: str) -> Version:
    """Return a release that a user named, with or without a leading "v"."""
    plain = text.removeprefix("v")
    if plain in RELEASES:
        return parse_version(plain)
    numbers = re.fullmatch(r"\d+(\.\d+)*", plain)
    if numbers and parse_version(plain) < parse_version(RELEASES[0]):
        problem = f"{text} is older than anything the recipes know"
    else:
        problem = f"{text} is not a release of MLX known here"
    raise UserError(f"{option}: {problem}", hint=f"known are {', '.join(RELEASES)}")
