"""Follow the projects that upstream fetches and the wrapper vendors: fmt, json, metal-cpp."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from .carried import Dependency
from .filelists import Dependency as Pin
from .lock import Lock, LockedFolder, WrapperLists
from .snapshot import is_licence, read_folder, tree_hash

# Where the address of an archive has the tag that it was made of.
ARCHIVE = re.compile(
    r"/(?:releases/download|archive(?:/refs/tags)?)/([^/]+?)(?:/|\.zip|\.tar\.\w+|$)"
)


def pins(lists: Iterable[WrapperLists]) -> dict[str, Pin]:
    """Return what upstream pins in any configuration, by the name in lower case."""
    found: dict[str, Pin] = {}
    for configuration in lists:
        for pin in configuration.dependencies:
            found.setdefault(_key(pin.name), pin)
    return found


def find(dependency: Dependency, pinned: Mapping[str, Pin]) -> Pin:
    """Return the pin of a dependency, or raise UserError if upstream fetches no such one."""
    pin = pinned.get(_key(dependency.name))
    if pin is None:
        known = ", ".join(sorted(p.name for p in pinned.values())) or "none"
        raise dependency.upstream.choices.table.error(
            f"upstream fetches no {dependency.name} in these configurations",
            hint=f"take the table out; it fetches: {known}",
        )
    return pin


def tag(dependency: Dependency, pin: Pin) -> str:
    """Return the tag or commit of a pin, also where it is part of an archive's address."""
    if pin.ref and "=" not in pin.ref:
        return pin.ref
    match = ARCHIVE.search(pin.url)
    if match:
        return match[1]
    raise dependency.upstream.choices.table.error(
        f"upstream fetches {pin.url}, which names no tag",
        "location",
        hint="take the location out; the folder is then only watched",
    )


def watched(
    dependency: Dependency, pin: Pin, root: Path, lock: Lock | None
) -> tuple[LockedFolder, str]:
    """Return what the lock records of a folder kept by hand, and a note if it lags or ''."""
    folder = str(dependency.upstream.folder)
    if not (root / folder).is_dir():
        raise dependency.upstream.choices.table.error(
            f"there is no folder {folder}",
            "folder",
            hint=f"vendor {pin.ref or pin.url} there, or give the table a location",
        )
    entries = read_folder(root / folder)
    vendored = tree_hash(entries)
    licences = tuple(entry.path for entry in entries if is_licence(entry.path))
    known = lock.folders.get(dependency.name) if lock else None
    now = LockedFolder(folder, vendored, pin.url, pin.ref, licences)
    if known is None or known.vendored != vendored or known.folder != folder:
        return now, ""
    if (known.url, known.ref) == (pin.url, pin.ref):
        return now, ""
    note = (
        f"{folder} is as it was when upstream asked for {known.ref or known.url}; "
        f"it asks for {pin.ref or pin.url} now"
    )
    return known, note


def _key(name: str) -> str:
    return name.lower().replace("_", "-")
