"""The same exclude entry is written twice."""

from collections.abc import Iterator

from ..excludes import Exclude, excludes
from ..findings import Finding
from ..subject import Subject

READS = "the target's exclude entries"


def find(subject: Subject) -> Iterator[Finding]:
    """Yield the entries that every build which reads them has read before."""
    first: dict[tuple[str, str, str], Exclude] = {}
    # An entry that fewer builds read is the one that can go.
    for entry in sorted(excludes(subject), key=lambda e: (-len(e.builds), e.line)):
        keys = [(entry.file, build, entry.value) for build in sorted(entry.builds)]
        if all(key in first for key in keys):
            yield Finding(
                entry.file,
                entry.line,
                "duplicate-exclude",
                entry.value,
                f"excludes {entry.value} again, after line {first[keys[0]].line}",
                "take the entry out",
                fixable=entry.fixable,
            )
        for key in keys:
            first.setdefault(key, entry)
