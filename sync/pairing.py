"""Find the revisions that belong together: each upstream beside the first pins one of it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from mlxport.cli.errors import UserError
from mlxport.cli.progress import step

from . import configuration, upstream
from .carried import Upstream
from .config import Config
from .derivation import located
from .evaluation import evaluate
from .filelists import Dependency
from .gitenvironment import without_password
from .temporary import temporary_folder
from .upstream import Revision

# Resolves a ref of an upstream, wherever that is read from.
Resolve = Callable[[Upstream, str], Revision]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The revision of each upstream, by name, and what the user should know of the choice."""

    revisions: Mapping[str, Revision]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finder:
    """Looks up revisions: `locations` are where to read an upstream, by its name."""

    config: Config
    locations: Mapping[str, str]
    resolve: Resolve

    def choose(self, wanted: Mapping[str, str], *, unpaired: bool = False) -> Chosen:
        """Return the revision of each upstream: the one wanted, else the newest that fits.

        Raises UserError, which names both, where an upstream pins another revision of the
        first than is chosen, unless `unpaired`.
        """
        first, *others = self.config.upstreams
        pairs = [other for other in others if other.name not in wanted]
        notes: tuple[str, ...] = ()
        if first.name in wanted or not others:
            ref = wanted.get(first.name)
            if ref is None:
                ref = newest(self.locations[first.name])
        else:
            leader = next(iter(others))
            ref, notes = self._newest_pair(leader, wanted.get(leader.name))
        revisions = {first.name: self.resolve(first, ref)}
        for other in others:
            if other in pairs:
                found = self._partner(other, revisions[first.name], unpaired)
            else:
                found = self.resolve(other, wanted[other.name])
                pin = self.pin(other, found)
                if not self._fits(pin, revisions[first.name]):
                    message = self._mismatch(other, found, pin, revisions[first.name])
                    if not unpaired:
                        raise message
                    notes = (*notes, message.message)
            revisions[other.name] = found
        return Chosen(revisions, notes)

    def pin(self, other: Upstream, revision: Revision) -> str | None:
        """Return the revision of the first upstream that `other` asks for, or None."""
        name = located(self.config, self.config.configurations[0].name)
        [chosen] = configuration.load([name], {})
        chosen = replace(chosen, target=other.library or chosen.target)
        what = f"reading which {self._first} {other.name} {revision.ref} is for"
        with temporary_folder() as folder, step(what):
            upstream.materialise(revision, folder / "tree")
            lists = evaluate(folder / "tree", chosen)
        return next((d.ref for d in lists.dependencies if self._is_first(d)), None)

    @property
    def _first(self) -> str:
        return self.config.upstream.name

    def _is_first(self, dependency: Dependency) -> bool:
        return dependency.name.lower() == self._first.lower()

    def _fits(self, pin: str | None, revision: Revision) -> bool:
        if pin is None or pin in (revision.ref, revision.commit):
            return True
        try:
            return self.resolve(self.config.upstream, pin).commit == revision.commit
        except UserError:
            return False

    def _mismatch(
        self, other: Upstream, found: Revision, pin: str | None, first: Revision
    ) -> UserError:
        return UserError(
            f"{other.name} {found.ref} is made for {self._first} {pin}, "
            f"not for {first.ref}",
            where=without_password(found.location),
            hint=f"--to {pin} takes both, --unpaired these two nevertheless",
        )

    def _partner(self, other: Upstream, first: Revision, unpaired: bool) -> Revision:
        """Return the newest revision of `other` that is made for `first`."""
        nearest = None
        for revision, pin in self._pins(other, first):
            if pin is None or self._fits(pin, first):
                return revision
            nearest = nearest or (revision, pin)
        if nearest is None:
            raise UserError(
                "has no release whose CMake can be read",
                where=without_password(self.locations[other.name]),
                hint=f"name a revision: --to {other.name}=REF",
            )
        revision, pin = nearest
        raise UserError(
            f"no release of {other.name} is made for {self._first} {first.ref}; "
            f"{revision.ref} is made for {pin}",
            where=without_password(revision.location),
            hint=f"--to {other.name}=REF --unpaired takes one nevertheless"
            + f"; --to {pin} takes the two that fit" * (not unpaired),
        )

    def _newest_pair(
        self, other: Upstream, wanted: str | None
    ) -> tuple[str, tuple[str, ...]]:
        """Return the newest release of the first that `other` has a release for."""
        latest = newest(self.locations[self._first])
        if wanted is not None:
            pin = self.pin(other, self.resolve(other, wanted))
            return pin or latest, ()
        for revision, pin in self._pins(other):
            if pin is None:
                return latest, ()
            try:
                self.resolve(self.config.upstream, pin)
            except UserError:
                continue
            if version(pin) >= version(latest):
                return pin, ()
            note = (
                f"{self._first} has {latest}, but no release of {other.name} is made for "
                f"it; {revision.ref} is made for {pin}"
            )
            return pin, (note,)
        return latest, ()

    def _pins(
        self, other: Upstream, first: Revision | None = None
    ) -> Iterator[tuple[Revision, str | None]]:
        """Yield the releases of `other`, newest first, and its main branch, with their pins.

        Releases for versions before `first` are left out, but for the newest of them.
        """
        passed = False
        for ref in (*releases(self.locations[other.name]), "main"):
            if passed and ref != "main":
                continue
            try:
                revision = self.resolve(other, ref)
                pin = self.pin(other, revision)
            except UserError:
                # A release that is no longer understood is not the one looked for.
                continue
            yield revision, pin
            passed = bool(first and pin and version(pin) < version(first.ref))


def version(ref: str) -> tuple[int, ...]:
    """Return the numbers of a version tag, or nothing; pre-releases are none."""
    match = re.fullmatch(r"v?(\d+(?:\.\d+)*)", ref)
    return tuple(map(int, match[1].split("."))) if match else ()


def releases(location: str) -> tuple[str, ...]:
    """Return the tags that are versions, the newest first."""
    found = [tag for tag in upstream.tags(location) if version(tag)]
    return tuple(sorted(found, key=lambda tag: (version(tag), tag), reverse=True))


def newest(location: str) -> str:
    """Return the tag with the highest version; pre-releases do not count."""
    found = releases(location)
    if not found:
        raise UserError(
            "has no tag that is a version",
            where=without_password(location),
            hint="name one with --to",
        )
    return found[0]
