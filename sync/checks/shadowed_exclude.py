"""An exclude entry lies in a folder that another entry excludes already."""

from collections.abc import Iterator

from ..cover import folders_of
from ..excludes import excludes
from ..findings import Finding
from ..subject import Subject

READS = "the target's exclude entries"


def find(subject: Subject) -> Iterator[Finding]:
    """Yield the entries that are of no use in every build that reads them."""
    entries = excludes(subject)
    readers = {(e.file, build, e.value): e for e in entries for build in e.builds}
    for entry in entries:
        shadows = [
            next(
                (
                    readers[key]
                    for folder in folders_of(entry.value)
                    if (key := (entry.file, build, folder)) in readers
                ),
                None,
            )
            for build in sorted(entry.builds)
        ]
        if shadow := all(shadows) and shadows[0]:
            yield Finding(
                entry.file,
                entry.line,
                "shadowed-exclude",
                entry.value,
                f"excludes {entry.value}, which lies in {shadow.value}, excluded on "
                f"line {shadow.line}",
                "take the entry out",
                fixable=entry.fixable,
            )
