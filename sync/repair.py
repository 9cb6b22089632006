"""Repair what the build files of a wrapper say, by rendering them anew."""

from dataclasses import replace
from pathlib import PurePosixPath

from mlxport.cli.errors import UserError

from . import formats, transaction
from .compilesets import compile_sets
from .subject import Subject
from .wrapper import uncommitted


def repaired(subject: Subject) -> dict[PurePosixPath, bytes]:
    """Return the new text of each output that changes.

    Each is read back as its build system would, and compiles what upstream's build does;
    raises UserError where that cannot be reached.
    """
    new = {}
    for output in subject.layout.outputs:
        path = subject.wrapper.root / output.path
        before = path.read_bytes() if path.is_file() else None
        text = before
        form = formats.load(output.format)
        if output.format != "swiftpm" and len(subject.upstreams) > 1:
            continue
        for upstream in subject.upstreams:
            options = output.options
            if upstream is not subject.main:
                # The defines are those of the upstream that the wrapper is about.
                options = replace(options, defines=())
            text = form.render(text, subject.lists(output, upstream), options)
        if text is not None and text != before:
            new[output.path] = text
    for sets in compile_sets(subject, new):
        if differing := sorted(sets.found ^ sets.wanted):
            raise UserError(
                f"no entry could make it compile what upstream does: {differing[0]} "
                f"({len(differing)} such files in {sets.build})",
                where=str(sets.output.path),
                hint="look for an entry written by hand that holds the file",
            )
    return new


def write(subject: Subject, new: dict[PurePosixPath, bytes]) -> None:
    """Put the new files in place, all or none; refuse where git could not take it back."""
    names = set(uncommitted(subject.wrapper, tuple(new))) & {str(path) for path in new}
    if names:
        raise UserError(
            f"has changes that are not committed: {', '.join(sorted(names))}",
            where=str(subject.wrapper.root),
            hint="commit or stash them, so that the repair can be told apart",
        )
    with transaction.exclusive(subject.wrapper.git_folder):
        transaction.recover(subject.wrapper.root)
        transaction.replace(subject.wrapper.root, new)
