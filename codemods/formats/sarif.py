"""SARIF 2.1.0, for code scanning."""

import json
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from importlib.metadata import version
from urllib.parse import quote

from ..changes import BREAKS, DEPRECATED, NEEDED
from ..editing import Finding
from ..migration import Outcome
from ..registry import all_recipes

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {BREAKS: "error", NEEDED: "warning", DEPRECATED: "note"}


def render(outcomes: Sequence[Outcome], *, editing: bool) -> bytes:
    """Return one run with a rule for each recipe and a result for each place."""
    rules = [
        {
            "id": _rule(recipe.name),
            "shortDescription": {"text": recipe.summary},
            "fullDescription": {"text": recipe.doc},
            "defaultConfiguration": {"level": LEVELS[recipe.severity]},
        }
        for recipe in all_recipes().values()
    ]
    driver = {"name": "mlxport", "version": version("mlxport"), "rules": rules}
    failed = [
        {"level": "error", "message": {"text": f"{o.file.name}: {o.error}"}}
        for o in outcomes
        if o.error
    ]
    run = {
        "tool": {"driver": driver},
        "invocations": [
            {"executionSuccessful": not failed, "toolExecutionNotifications": failed}
        ],
        "columnKind": "unicodeCodePoints",
        "results": [result for outcome in outcomes for result in _results(outcome)],
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2).encode() + b"\n"


def _results(outcome: Outcome) -> list[dict[str, object]]:
    lines = outcome.before.splitlines()
    seen: Counter[str] = Counter()
    results: list[dict[str, object]] = []
    name = quote(outcome.file.name, safe="/", errors="surrogateescape")
    for finding in outcome.findings:
        text = lines[finding.line - 1].strip() if finding.line <= len(lines) else b""
        mark = _fingerprint(outcome.file.inner, finding, text)
        seen[mark] += 1
        location = {
            "artifactLocation": {"uri": name},
            "region": {"startLine": finding.line},
        }
        results.append(
            {
                "ruleId": _rule(finding.recipe),
                "level": LEVELS.get(finding.severity, "warning"),
                "message": {"text": finding.reason},
                "locations": [{"physicalLocation": location}],
                # Two findings of one kind on equal lines are told apart by their number.
                "partialFingerprints": {"mlxport/v1": f"{mark}:{seen[mark]}"},
                "properties": {"action": finding.action, "severity": finding.severity},
            }
        )
    return results


def _fingerprint(path: str, finding: Finding, text: bytes) -> str:
    # Not the number of the line: an alert stays the same when code moves.
    parts = (path, finding.recipe, finding.reason)
    content = "\0".join(parts).encode("utf-8", "surrogateescape") + b"\0" + text
    return sha256(content).hexdigest()[:32]


def _rule(recipe: str) -> str:
    return recipe.replace("_", "-")
