"""One JSON document, for scripts."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from ..findings import Finding


def render(findings: Sequence[Finding]) -> str:
    """Return the findings with their fingerprints."""
    rows = [{**asdict(f), "fingerprint": f.fingerprint} for f in findings]
    return json.dumps({"findings": rows}, indent=2)
