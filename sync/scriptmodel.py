"""Work out the targets of a tree from the commands that its lists ran."""

import os
from collections.abc import Iterable, Iterator

from .cmake import Run
from .codemodel import Target, TargetSource
from .commandlog import custom_commands
from .configuration import Configuration
from .drafts import Draft, Drafts, Item, drafted
from .genex import evaluated
from .trace import Call

# What CMake compiles as these languages by a file's name; others are enabled by tables.
LANGUAGES = {
    "C": (".c", ".m"),
    "CXX": (".C", ".M", ".c++", ".cc", ".cpp", ".cxx", ".mm", ".mpp", ".CPP"),
}
DEFAULT = "17"


def script_targets(
    run: Run, calls: Iterable[Call], configuration: Configuration
) -> dict[str, Target]:
    """Return the targets by name, as `codemodel.targets` does after a whole run."""
    libraries = [record[1:] for record in run.log if record[0] == "library"]
    model = _Model(run, configuration, drafted(calls, libraries))
    return {name: model.target(draft) for name, draft in model.drafts.targets.items()}


class _Model:
    """What the drafts come to on the machine of a configuration."""

    def __init__(self, run: Run, configuration: Configuration, drafts: Drafts) -> None:
        self.drafts = drafts
        self._run = run
        self._made = _made(run)
        toolchain = configuration.toolchain
        self._facts = {
            "COMPILE_LANGUAGE": "CXX",
            "CONFIG": "",
            "PLATFORM_ID": toolchain.get("CMAKE_SYSTEM_NAME", ""),
            "C_COMPILER_ID": toolchain.get("CMAKE_C_COMPILER_ID", ""),
            "CXX_COMPILER_ID": toolchain.get("CMAKE_CXX_COMPILER_ID", ""),
        }

    def target(self, draft: Draft) -> Target:
        """Return the finished target."""
        linked = list(self._linked(draft))
        sources: dict[str, TargetSource] = {}
        for item in _used(draft, linked, "sources"):
            for word in self._words(item):
                path = self._path(item.call.folder, word)
                source = TargetSource(path, _language(path), item.call.origin)
                sources.setdefault(path, source)
        has_cxx = any(source.language == "CXX" for source in sources.values())
        needs = {other.name for other in linked}
        needs |= {f.name for name in draft.needs if (f := self.drafts.find(name))}
        return Target(
            name=draft.name,
            type=draft.type,
            sources=tuple(sources.values()),
            defines=self._defines(draft, linked) if has_cxx else frozenset(),
            standard=self._standard(draft, linked) if has_cxx else "",
            needs=tuple(sorted(needs - {draft.name})),
        )

    def _words(self, item: Item) -> list[str]:
        text = evaluated(item.text, self._facts, item.call.place)
        return [word for word in text.split(";") if word]

    def _linked(self, draft: Draft) -> Iterator[Draft]:
        """Yield the targets that are linked, and those that they pass on."""
        seen: set[str] = set()
        pending = [item for item in draft.links if item.own]
        while pending:
            for name in self._words(pending.pop(0)):
                found = self.drafts.find(name)
                if found and found.name not in seen:
                    seen.add(found.name)
                    yield found
                    pending += [item for item in found.links if item.passed_on]

    def _defines(self, draft: Draft, linked: Iterable[Draft]) -> frozenset[str]:
        of_folder = self.drafts.folders[draft.folder]
        items = [*of_folder, *_used(draft, linked, "defines")]
        names = {
            name.removeprefix("-D") for item in items for name in self._words(item)
        }
        if draft.export:
            names.add(draft.export)
        return frozenset(self._run.named(name) for name in names)

    def _standard(self, draft: Draft, linked: Iterable[Draft]) -> str:
        standard = draft.standard
        for item in _used(draft, linked, "features"):
            for feature in self._words(item):
                number = feature.removeprefix("cxx_std_")
                # A target without a standard has the compiler's own.
                if feature != number and _is_newer(number, standard or DEFAULT):
                    standard = number
        return standard

    def _path(self, folder: str, word: str) -> str:
        path = self._run.named(os.path.normpath(self._run.tree / folder / word))
        built = os.path.normpath(f"<build>/{folder}/{word}")
        # A name without a folder may be that of a file which the build makes.
        if built in self._made and not (self._run.tree / path).exists():
            return built
        return path


def _is_newer(standard: str, other: str) -> bool:
    # C++98 is the oldest of them, not the newest.
    return (int(standard) < 98, int(standard)) > (int(other) < 98, int(other))


def _used(draft: Draft, linked: Iterable[Draft], part: str) -> Iterator[Item]:
    yield from (item for item in getattr(draft, part) if item.own)
    for other in linked:
        yield from (item for item in getattr(other, part) if item.passed_on)


def _made(run: Run) -> frozenset[str]:
    """Return what the build makes, by its name in `Run.named`."""
    written = {
        run.named(os.path.join(parent, name))
        for parent, _, names in os.walk(run.root / "build")
        for name in names
    }
    return frozenset(written | custom_commands(run).keys())


def _language(path: str) -> str:
    suffix = os.path.splitext(path)[1]
    return next((name for name, known in LANGUAGES.items() if suffix in known), "")
