"""SARIF 2.1.0, which code scanning services read."""

import json
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from .. import checks
from ..findings import Finding

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def render(findings: Sequence[Finding]) -> str:
    """Return one run; its rules are all that there are, so that a clean run closes alerts."""
    rules = checks.names()
    document = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "mlxport",
                        "semanticVersion": version("mlxport"),
                        "rules": [_rule(name) for name in rules],
                    }
                },
                "columnKind": "utf16CodeUnits",
                "results": [_result(found, rules) for found in findings],
            }
        ],
    }
    return json.dumps(document, indent=2)


def _rule(name: str) -> dict[str, Any]:
    return {
        "id": name,
        "shortDescription": {"text": checks.summary(name)},
        "fullDescription": {"text": f"Reads {checks.load(name).READS}."},
        "defaultConfiguration": {"level": "error"},
    }


def _result(found: Finding, rules: Sequence[str]) -> dict[str, Any]:
    return {
        "ruleId": found.rule,
        "ruleIndex": rules.index(found.rule),
        "level": "error",
        "message": {"text": f"{found.message}. {found.advice}."},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {
                        "uri": quote(found.path),
                        "uriBaseId": "%SRCROOT%",
                    },
                    "region": {"startLine": found.line},
                }
            }
        ],
        # The line is left out: alerts stay the same where lines move.
        "partialFingerprints": {"mlxportFinding/v1": found.fingerprint},
    }
