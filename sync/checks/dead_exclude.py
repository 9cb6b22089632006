"""An exclude entry names a file or folder that is not there."""

from collections.abc import Iterator

from ..excludes import excludes
from ..findings import Finding
from ..subject import Subject

READS = "the target's exclude entries, the wrapper's files and upstream's tree"


def find(subject: Subject) -> Iterator[Finding]:
    """Yield the entries that name nothing."""
    for entry in excludes(subject):
        holder = next(
            (u for u in subject.upstreams if entry.path.is_relative_to(u.pin.folder)),
            None,
        )
        if holder is None:
            there = (subject.wrapper.root / entry.path).exists()
            where = "the wrapper"
        else:
            name = str(entry.path.relative_to(holder.pin.folder))
            there = name in holder.files or name in holder.folders
            where = f"{holder.pin.name} {holder.shown}"
        if not there:
            yield Finding(
                entry.file,
                entry.line,
                "dead-exclude",
                entry.value,
                f"excludes {entry.value}, which {where} does not have",
                "take the entry out; look whether the file has moved and is compiled now",
                fixable=entry.fixable,
            )
