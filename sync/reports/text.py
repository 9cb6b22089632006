"""Lines for people, as compilers write them."""

from collections.abc import Sequence

from ..findings import Finding


def render(findings: Sequence[Finding]) -> str:
    """Return a line for each finding, and one below it with what to do."""
    lines = []
    for found in findings:
        lines.append(f"{found.path}:{found.line}: {found.message} [{found.rule}]")
        if len(found.files) > 1:
            lines += [f"        {file}" for file in found.files]
        lines.append(f"    {found.advice}{' (--fix does it)' * found.fixable}")
    return "\n".join(lines)
