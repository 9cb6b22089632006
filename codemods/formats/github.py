"""Workflow commands of GitHub Actions: an annotation for each place."""

from collections.abc import Sequence

from ..changes import BREAKS, NEEDED
from ..migration import Outcome

LEVELS = {BREAKS: "error", NEEDED: "warning"}


def render(outcomes: Sequence[Outcome], *, editing: bool) -> bytes:
    """Return a line for each place that is not edited."""
    lines: list[str] = []
    for outcome in outcomes:
        for finding in outcome.findings:
            if editing and finding.action == "edited":
                continue
            level = LEVELS.get(finding.severity, "notice")
            title = f"{finding.recipe.replace('_', '-')}: {finding.severity}"
            lines.append(
                f"::{level} file={_property(outcome.file.name)},line={finding.line},"
                f"title={_property(title)}::{_data(finding.reason)}\n"
            )
    return "".join(lines).encode("utf-8", "surrogateescape")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
