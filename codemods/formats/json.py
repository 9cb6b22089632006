"""One JSON array, for scripts: an entry for each place."""

import json
from collections.abc import Sequence

from ..migration import Outcome


def render(outcomes: Sequence[Outcome], *, editing: bool) -> bytes:
    """Return an array of objects; paths count from the folder that was given."""
    entries = [
        {
            "path": outcome.file.inner,
            "line": finding.line,
            "recipe": finding.recipe,
            "severity": finding.severity,
            "action": finding.action,
            "reason": finding.reason,
        }
        for outcome in outcomes
        for finding in outcome.findings
    ]
    return json.dumps(entries, indent=2).encode() + b"\n"
