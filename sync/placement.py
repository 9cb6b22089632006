"""Choose which of several arrays takes an entry that some configurations need."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """An array: the entries it has now, and the configurations that use it."""

    entries: tuple[str, ...]
    users: frozenset[str]


def place(
    needed: Mapping[str, frozenset[str]], places: Mapping[int, Place]
) -> dict[int, set[str]]:
    """Return the entries for each place, so that every configuration gets those it needs.

    `needed` maps an entry to its configurations. An entry never goes where a configuration
    that does not need it would get it too. It stays where it is if it can; else it goes
    where the most configurations share it, beside entries of the same folder. Raises
    LookupError with the entry and the configurations for which there is no place.
    """
    placed: dict[int, set[str]] = {key: set() for key in places}
    for entry, names in needed.items():
        remaining = set(names)
        for key in sorted(
            places, key=lambda k: _fitness(places[k], entry), reverse=True
        ):
            if places[key].users <= remaining:
                placed[key].add(entry)
                remaining -= places[key].users
        if remaining:
            raise LookupError(entry, tuple(sorted(remaining)))
    return placed


def _fitness(place: Place, entry: str) -> tuple[bool, int, int]:
    folder = entry.rpartition("/")[0]
    beside = sum(other.rpartition("/")[0] == folder for other in place.entries)
    return entry in place.entries, len(place.users), beside
