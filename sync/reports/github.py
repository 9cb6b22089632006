"""Annotations of a GitHub workflow, which shows them on the lines of a pull request."""

from collections.abc import Sequence

from ..findings import Finding


def render(findings: Sequence[Finding]) -> str:
    """Return a workflow command for each finding."""
    return "\n".join(
        f"::error file={_property(found.path)},line={found.line},"
        f"title={_property(found.rule)}::{_message(f'{found.message}; {found.advice}')}"
        for found in findings
    )


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
