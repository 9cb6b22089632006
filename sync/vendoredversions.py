"""Tell which version of a dependency a wrapper has vendored, from the files themselves."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .filelists import Dependency
from .subject import Subject

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Marker:
    """Where a dependency writes its version: the end of the file's path, and the pattern."""

    suffix: str
    pattern: re.Pattern[str]
    version: Callable[[re.Match[str]], Version]


@dataclass(frozen=True, slots=True)
class Vendored:
    """A vendored dependency: its version, and the file and line that tell it."""

    version: Version
    path: str
    line: int


def _groups(match: re.Match[str]) -> Version:
    return tuple(int(group) for group in match.groups())


def _packed(match: re.Match[str]) -> Version:
    number = int(match[1])
    return number // 10000, number // 100 % 100, number % 100


FMT = re.compile(r"#define FMT_VERSION (\d+)")
JSON = re.compile(
    r"#define NLOHMANN_JSON_VERSION_MAJOR (\d+).*\n"
    r"#define NLOHMANN_JSON_VERSION_MINOR (\d+).*\n"
    r"#define NLOHMANN_JSON_VERSION_PATCH (\d+)"
)
# metal-cpp is named after the newest macOS; its list of changes begins with that.
METAL = re.compile(r"^\| macOS (\d+)", re.M)
MARKERS = {
    "fmt": (
        Marker("fmt/base.h", FMT, _packed),
        Marker("fmt/core.h", FMT, _packed),
    ),
    "json": (
        Marker("nlohmann/json.hpp", JSON, _groups),
        Marker("nlohmann/detail/abi_macros.hpp", JSON, _groups),
    ),
    "metal_cpp": (Marker("metal-cpp/README.md", METAL, _groups),),
}


def vendored(subject: Subject, name: str) -> Iterator[Vendored]:
    """Yield each copy of a dependency, by the name upstream's CMake gives it."""
    for marker in MARKERS.get(name, ()):
        for path in subject.files:
            if not f"/{path}".endswith(f"/{marker.suffix}"):
                continue
            text = subject.text(path)
            if match := marker.pattern.search(text):
                line = text.count("\n", 0, match.start()) + 1
                yield Vendored(marker.version(match), path, line)


def asked(dependency: Dependency) -> Version | None:
    """Return the version that upstream fetches, or None for a commit or a bare address."""
    if match := re.fullmatch(r"v?(\d+(?:\.\d+)+)", dependency.ref):
        return tuple(map(int, match[1].split(".")))
    for pattern in (
        r"/v?(\d+(?:\.\d+)+)/",
        r"[-_]macOS(\d+(?:\.\d+)*)",
        r"[-_]v?(\d+(?:\.\d+)*)\.(?:zip|tar)",
    ):
        if match := re.search(pattern, dependency.url):
            return tuple(map(int, match[1].split(".")))
    return None


def spelt(version: Version) -> str:
    """Return a version as people write it."""
    return ".".join(map(str, version))
