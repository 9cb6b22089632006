"""A file that was generated carries a path of the machine that generated it."""

import re
from collections.abc import Iterator

from ..findings import Finding
from ..subject import Subject

READS = "the C and C++ files that the wrapper carries beside its upstreams"
# Where compilers and people's files lie; what follows is in no other machine's reach.
MACHINE = re.compile(
    r'"(/(?:Applications|Library|Users|home|root|nix/store|opt|private|tmp|usr|var)/[^"\n]+)"'
)
SUFFIXES = (".cpp", ".cc", ".c", ".h", ".hpp", ".metal", ".mm", ".m")


def find(subject: Subject) -> Iterator[Finding]:
    """Yield each file with such a path, on the first line that has one."""
    for path in subject.files:
        if not path.endswith(SUFFIXES):
            continue
        text = subject.text(path)
        matches = [
            match
            for match in MACHINE.finditer(text)
            if _marks_a_source(text, match.start())
        ]
        if matches:
            many = f", and {len(matches) - 1} more" if len(matches) > 1 else ""
            yield Finding(
                path,
                text.count("\n", 0, matches[0].start()) + 1,
                "leaked-path",
                "machine path",
                f"carries {matches[0][1]}{many}",
                "generate it without the path, so that every machine makes the same file",
            )


def _marks_a_source(text: str, at: int) -> bool:
    """Tell whether the line is a preprocessor's mark or a comment, not the program's own."""
    line = text[text.rfind("\n", 0, at) + 1 : at].lstrip()
    return line.startswith(("#line", "//")) or bool(re.match(r"#\s*\d+\s", line))
