"""Repair what the build files of a wrapper say, keeping what people wrote in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from mlxport.cli.errors import UserError

from . import formats, transaction
from .arrays import Edit, apply_edits, array_edits
from .compilesets import compile_sets
from .cover import smallest_cover
from .excludes import exclude_arrays, exclude_folder
from .findings import Finding
from .layouts import Output
from .placement import Place, place
from .subject import Subject
from .swift import Manifest
from .swiftsettings import define_edits, standard_edits
from .wrapper import uncommitted

USELESS = ("dead-exclude", "duplicate-exclude", "shadowed-exclude")


def repaired(
    subject: Subject, findings: Sequence[Finding]
) -> dict[PurePosixPath, bytes]:
    """Return the new text of each output that changes.

    Each is read back as its build system would, and compiles what upstream's build does;
    raises UserError where that cannot be reached.
    """
    if subject.layout.rendered:
        new = dict(_rendered(subject))
    else:
        new = dict(_edited(subject, findings))
    for sets in compile_sets(subject, new):
        if sets.output.path not in new:
            continue
        if differing := sorted(sets.found ^ sets.wanted):
            raise UserError(
                f"no entry could make it compile what upstream does: {differing[0]} "
                f"({len(differing)} such files in {sets.build})",
                where=str(sets.output.path),
                hint="look for an entry written by hand that holds the file",
            )
    return new


def write(subject: Subject, new: Mapping[PurePosixPath, bytes]) -> None:
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


def _rendered(subject: Subject) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Yield the outputs that mlxport renders, as an update would write them."""
    for output in subject.layout.outputs:
        path = subject.wrapper.root / output.path
        before = text = path.read_bytes() if path.is_file() else None
        for upstream in subject.listed(output):
            options = output.options
            if upstream is not subject.main and hasattr(options, "defines"):
                # They follow the upstream that the wrapper is about.
                options = replace(options, defines=())
            lists = subject.lists(output, upstream)
            text = formats.load(output.format).render(text, lists, options)
        if text is not None and text != before:
            yield output.path, text


def _edited(
    subject: Subject, findings: Sequence[Finding]
) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Yield the manifests with nothing changed but the entries that were found wrong."""
    for output, manifest in subject.manifests:
        useless = {
            (finding.line, finding.about)
            for finding in findings
            if finding.rule in USELESS and finding.path == str(output.path)
            if finding.fixable
        }
        edits = list(_entry_edits(subject, output, manifest, useless))
        lists = subject.lists(output, subject.main)
        edits += standard_edits(manifest, lists.standard)
        for name in output.options.defines:
            if value := lists.define(name):
                edits += define_edits(manifest, name, value)
        if edits:
            yield output.path, apply_edits(manifest.text, edits)


def _entry_edits(
    subject: Subject,
    output: Output,
    manifest: Manifest,
    useless: set[tuple[int, str]],
) -> Iterator[Edit]:
    arrays = exclude_arrays(output, manifest)
    folder = exclude_folder(subject, output, manifest)
    needed: dict[str, set[str]] = {}
    for sets in compile_sets(subject):
        if sets.output == output:
            start = sets.upstream.pin.folder.relative_to(folder)
            for entry in smallest_cover(sets.found - sets.wanted, sets.wanted):
                needed.setdefault(f"{start}/{entry}", set()).add(sets.build)
    places = {
        array.start: Place(tuple(e.value for e in array.elements), builds)
        for array, builds in arrays
    }
    try:
        placed = place({e: frozenset(b) for e, b in needed.items()}, places)
    except LookupError as error:
        entry, builds = error.args
        raise UserError(
            f"no array is read by {', '.join(builds)} only, to exclude {entry} there",
            where=str(output.path),
            hint="give `exclude:` an array of its own for each platform",
        ) from None
    for array, _ in arrays:
        remove = [
            element
            for element in array.elements
            if (
                manifest.text.count(b"\n", 0, element.start) + 1,
                str(PurePosixPath(element.value)),
            )
            in useless
        ]
        add = sorted(placed[array.start])
        yield from array_edits(manifest.text, array, remove, add, manifest.name)
