"""One JSON document, for scripts and for build systems that read lists."""

import json
from collections.abc import Mapping
from dataclasses import asdict

from ..tables import Table
from . import Lists


def read_options(table: Table, configurations: tuple[str, ...]) -> None:
    """Check that the output has no options of its own."""
    table.allow("format", "path")


def render(current: bytes | None, lists: Lists, options: None) -> bytes:
    """Return the lists as JSON; what was there before does not matter."""
    document = {
        name: asdict(configuration)
        for name, configuration in sorted(lists.configurations.items())
    }
    return (json.dumps(document, indent=2) + "\n").encode()


def compiled(text: bytes, lists: Lists, options: None) -> Mapping[str, frozenset[str]]:
    """Return the sources that the document names."""
    document = json.loads(text)
    return {name: frozenset(lists["sources"]) for name, lists in document.items()}
