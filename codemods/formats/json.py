"""One JSON array, for scripts: an entry for each place."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from ..migration import Outcome


def render(outcomes: Sequence[Outcome]) -> bytes:
    """Return an array of objects with path, line, recipe, severity, action and reason."""
    entries = [
        {"path": outcome.file.inner, **asdict(finding)}
        for outcome in outcomes
        for finding in outcome.findings
    ]
    return json.dumps(entries, indent=2).encode() + b"\n"
