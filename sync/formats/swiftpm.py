"""The `exclude:` or `sources:` arrays, defines and C++ standard of a `Package.swift`.

SwiftPM compiles every C, C++, Objective-C and assembly file below a target's folder that no
entry of `exclude:` names, and where there are `sources:` only what their entries name. Only
entries below the vendored folder are changed, and an array that several configurations share
takes only what all of them need in it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from mlxport.cli.errors import UserError

from ..arrays import Edit, apply_edits, array_edits
from ..conditions import SYSTEMS, Platform
from ..cover import is_covered, smallest_cover
from ..placement import Place, place
from ..swift import Array, Element, Manifest, argument
from ..swiftsettings import define_edits, standard_edits
from ..tables import Table
from . import Lists

# Each upstream has entries of its own below its folder.
SHARED = True
COMPILED = frozenset({".c", ".cc", ".cpp", ".cxx", ".m", ".mm", ".s", ".S"})
# SwiftPM knows these as headers; it warns about any other file it does not compile.
HANDLED = COMPILED | frozenset(
    {".h", ".hh", ".hpp", ".h++", ".hp", ".hxx", ".H", ".ipp", ".def", ".modulemap"}
)
COVERS = ("smallest", "quiet", "sources")
# Where SwiftPM looks for the folder of a target that names none.
SOURCE_FOLDERS = ("Sources", "Source", "src", "srcs")


@dataclass(frozen=True, slots=True)
class Options:
    """The target that compiles upstream, and where each configuration is built.

    A quiet cover also names the files that SwiftPM would only warn about; `allows` means
    that `sources:` names what is compiled instead. `defines` are the names whose values
    follow upstream's.
    """

    target: str
    quiet: bool
    defines: tuple[str, ...]
    platforms: Mapping[str, Platform]
    allows: bool = False

    @property
    def label(self) -> str:
        """Return the argument of the target that is kept up to date."""
        return "sources" if self.allows else "exclude"


def read_options(table: Table, configurations: tuple[str, ...]) -> Options:
    """Return the output's options; every configuration must have a platform."""
    table.allow("format", "path", "target", "cover", "defines", "platforms")
    cover = table.string("cover", "smallest")
    if cover not in COVERS:
        known = ", ".join(COVERS)
        raise table.error(f"unknown cover {cover!r}", "cover", hint=f"known: {known}")
    places = table.table("platforms")
    places.allow(*configurations)
    platforms = {}
    for name in configurations:
        place = places.table(name)
        place.allow("os", "environment")
        system = place.string("os")
        if system not in SYSTEMS:
            known = ", ".join(SYSTEMS)
            raise place.error(
                f"unknown system {system!r}", "os", hint=f"known: {known}"
            )
        platforms[name] = Platform(system, place.mapping("environment"))
    return Options(
        table.string("target"),
        cover == "quiet",
        table.strings("defines"),
        platforms,
        cover == "sources",
    )


def render(current: bytes | None, lists: Lists, options: Options) -> bytes:
    """Return the manifest with its arrays, define and standard brought up to date."""
    if current is None:
        raise UserError(
            "there is no such file",
            where=str(lists.path),
            hint="write the package's manifest first; only its lists are kept up to date",
        )
    try:
        current.decode()
    except UnicodeDecodeError:
        raise UserError("is not UTF-8", where=str(lists.path)) from None
    manifest = Manifest(current, str(lists.path))
    edits = list(_list_edits(manifest, lists, options))
    edits += standard_edits(manifest, lists.standard)
    for name in options.defines:
        edits += define_edits(manifest, name, _value(lists, name))
    return apply_edits(current, edits)


def compiled(
    text: bytes, lists: Lists, options: Options
) -> Mapping[str, frozenset[str]]:
    """Return what SwiftPM compiles of the vendored tree on each configuration's platform."""
    manifest = Manifest(text, str(lists.path))
    start = _prefix(manifest, lists, options)
    result = {}
    for name in lists.compiled:
        named = _entries(manifest, options, options.label, name)
        excluded = named
        if options.allows:
            excluded = _entries(manifest, options, "exclude", name)
        result[name] = frozenset(
            path
            for path in lists.files
            if _compilable(path)
            and not is_covered(f"{start}{path}", excluded)
            and (not options.allows or is_covered(f"{start}{path}", named))
        )
    return result


def _value(lists: Lists, name: str) -> str:
    value = lists.define(name)
    if value is None:
        raise UserError(
            f"upstream gives {name} no value, or not the same in every configuration",
            where=str(lists.path),
            hint="take the name out of the output's `defines`",
        )
    return value


def _entry(element: Element) -> str:
    """Return the path an entry names, as SwiftPM would tidy it."""
    return str(PurePosixPath(element.value))


def _compilable(path: str) -> bool:
    # SwiftPM does not look at hidden files and folders.
    pure = PurePosixPath(path)
    return pure.suffix in COMPILED and not any(p.startswith(".") for p in pure.parts)


def _noticed(path: str) -> bool:
    pure = PurePosixPath(path)
    return pure.suffix not in HANDLED and not any(p.startswith(".") for p in pure.parts)


def _entries(manifest: Manifest, options: Options, label: str, name: str) -> set[str]:
    arrays = _arrays(manifest, options, label, name)
    return {_entry(element) for array in arrays for element in array.elements}


def _arrays(
    manifest: Manifest, options: Options, label: str, name: str
) -> tuple[Array, ...]:
    """Return the arrays that an argument of the target joins in a configuration."""
    target = manifest.target(options.target)
    if not options.allows and (node := argument(target, "sources")):
        raise manifest.error(
            node,
            "`sources:` names what is compiled, not `exclude:`",
            hint='set `cover = "sources"` in the output, or take `sources:` out',
        )
    value = argument(target, label)
    if value is not None:
        return manifest.arrays(value, options.platforms[name])
    if label != options.label:
        return ()
    raise manifest.error(
        target,
        f"the target {options.target!r} has no `{label}:`",
        hint=f"add `{label}: []`; the entries are filled in",
    )


def target_folder(manifest: Manifest, lists: Lists, name: str) -> PurePosixPath:
    """Return the folder of a target, by its path in the wrapper."""
    package = lists.path.parent
    path = argument(manifest.target(name), "path")
    if path:
        return package / manifest.string(path)
    choices = [package / start / name for start in SOURCE_FOLDERS]
    # The first update may be what makes the folder.
    there = (
        f
        for f in choices
        if (lists.wrapper / f).is_dir() or lists.folder.is_relative_to(f)
    )
    return next(there, choices[0])


def _prefix(manifest: Manifest, lists: Lists, options: Options) -> str:
    """Return the vendored folder as seen from the target's folder, with a slash."""
    target = manifest.target(options.target)
    folder = target_folder(manifest, lists, options.target)
    try:
        return f"{lists.folder.relative_to(folder)}/"
    except ValueError:
        raise manifest.error(
            target, f"{lists.folder} does not lie in the target's folder {folder}"
        ) from None


def _needed(lists: Lists, options: Options, name: str) -> tuple[str, ...]:
    """Return the entries, below the vendored folder, that a configuration needs."""
    wanted = lists.compiled[name]
    if options.allows:
        return tuple(sorted(path for path in wanted if _compilable(path)))
    unwanted = {
        path
        for path in lists.files
        if path not in wanted
        and (_compilable(path) or (options.quiet and _noticed(path)))
    }
    return smallest_cover(unwanted, wanted)


def _list_edits(manifest: Manifest, lists: Lists, options: Options) -> Iterator[Edit]:
    start = _prefix(manifest, lists, options)
    arrays: dict[int, Array] = {}
    users: dict[int, set[str]] = {}
    needed: dict[str, set[str]] = {}
    for name in lists.compiled:
        for array in _arrays(manifest, options, options.label, name):
            arrays[array.start] = array
            users.setdefault(array.start, set()).add(name)
        for entry in _needed(lists, options, name):
            needed.setdefault(start + entry, set()).add(name)
    places = {
        key: Place(tuple(e.value for e in array.elements), frozenset(users[key]))
        for key, array in arrays.items()
    }
    try:
        placed = place({e: frozenset(names) for e, names in needed.items()}, places)
    except LookupError as error:
        entry, names = error.args
        raise manifest.error(
            manifest.target(options.target),
            f"no array is used by {', '.join(names)} only, to name {entry} there",
            hint=f"give `{options.label}:` an array of its own for each platform",
        ) from None
    for key, array in arrays.items():
        yield from _array_edits(manifest, array, start, placed[key])


def _array_edits(
    manifest: Manifest, array: Array, start: str, entries: set[str]
) -> Iterator[Edit]:
    kept: set[str] = set()
    remove = []
    for element in array.elements:
        if f"{_entry(element)}/".startswith(start):
            if element.value in entries - kept:
                kept.add(element.value)
            else:
                remove.append(element)
    add = sorted(entries - kept)
    return array_edits(manifest.text, array, remove, add, manifest.name)
