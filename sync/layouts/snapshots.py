"""A wrapper that carries copies of MLX, and perhaps of mlx-c, as plain files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from ..conditions import Platform
from ..formats.swiftpm import Options
from ..upstream import opened
from ..wrapper import Wrapper
from . import Build, Layout, Output, Pin

MANIFEST = "Package.swift"
BUILDS = (
    Build("darwin-metal-jit", "darwin-metal-jit"),
    Build("linux-cpu", "linux-cpu"),
)
PLATFORMS = {"darwin-metal-jit": Platform("macOS"), "linux-cpu": Platform("Linux")}


@dataclass(frozen=True, slots=True)
class Known:
    """An upstream: a file that only it has, and where it writes its version down."""

    name: str
    url: str
    library: str
    header: str
    version: tuple[tuple[str, re.Pattern[str]], ...]


KNOWN = (
    Known(
        "mlx",
        "https://github.com/ml-explore/mlx",
        "",
        "mlx/mlx.h",
        (
            (
                "mlx/version.h",
                re.compile(
                    r"MLX_VERSION_MAJOR (\d+)\n[^\n]*MINOR (\d+)\n[^\n]*PATCH (\d+)"
                ),
            ),
            ("CMakeLists.txt", re.compile(r"set\(MLX_VERSION (\d+)\.(\d+)\.(\d+)\)")),
        ),
    ),
    Known(
        "mlx-c",
        "https://github.com/ml-explore/mlx-c",
        "mlxc",
        "mlx/c/mlx.h",
        (
            (
                "CMakeLists.txt",
                re.compile(r"set\(MLX_C_VERSION (\d+)\.(\d+)\.(\d+)\)"),
            ),
        ),
    ),
)


def recognise(wrapper: Wrapper) -> Layout | None:
    """Return the layout of a wrapper that has MLX's headers among its files, else None."""
    files = _files(wrapper)
    pins = tuple(_pins(wrapper, files))
    if not pins or pins[0].name != "mlx":
        return None
    return Layout("snapshots", pins, BUILDS, tuple(_outputs(wrapper, files)))


def _files(wrapper: Wrapper) -> tuple[str, ...]:
    with opened(wrapper.repository) as repo:
        listed = str(repo.git.ls_files("-z", "--", str(wrapper.root)))
    start = wrapper.root.relative_to(wrapper.repository).as_posix()
    prefix = "" if start == "." else f"{start}/"
    return tuple(n.removeprefix(prefix) for n in listed.split("\0") if n)


def _pins(wrapper: Wrapper, files: tuple[str, ...]) -> Iterator[Pin]:
    for known in KNOWN:
        folders = [
            PurePosixPath(name.removesuffix(known.header))
            for name in files
            if f"/{name}".endswith(f"/{known.header}") and name != known.header
        ]
        # A copy inside a copy, say among headers that are generated, is not the upstream.
        for folder in sorted(folders, key=lambda f: (len(f.parts), str(f))):
            found = _version(wrapper, folder, known)
            if found:
                version, where = found
                yield Pin(
                    name=known.name,
                    folder=folder,
                    locations=(known.url,),
                    revision=version,
                    where=where,
                    library=known.library,
                    take=_take(folder, files),
                )
                break


def _version(
    wrapper: Wrapper, folder: PurePosixPath, known: Known
) -> tuple[str, tuple[str, int]] | None:
    for name, pattern in known.version:
        path = wrapper.root / folder / name
        text = path.read_text("utf-8", "replace") if path.is_file() else ""
        if match := pattern.search(text):
            line = text.count("\n", 0, match.start()) + 1
            return "v" + ".".join(match.groups()), (str(folder / name), line)
    return None


def _take(folder: PurePosixPath, files: tuple[str, ...]) -> tuple[str, ...]:
    """Return patterns for what lies in the folder now, or nothing if that is the whole."""
    start = f"{folder}/"
    inside = [name.removeprefix(start) for name in files if name.startswith(start)]
    if ".gitignore" in inside:
        return ()
    return tuple(sorted({f"/{n.partition('/')[0]}{'/' * ('/' in n)}" for n in inside}))


def _outputs(wrapper: Wrapper, files: tuple[str, ...]) -> Iterator[Output]:
    if MANIFEST not in files:
        return
    text = (wrapper.root / MANIFEST).read_text("utf-8", "replace")
    target = re.search(
        r'\.target\(\s*name:\s*"(\w+)"(?:(?!\.target\().)*?exclude:', text, re.S
    )
    if target:
        defines = ("MLX_VERSION",) if '.define("MLX_VERSION"' in text else ()
        options = Options(target[1], False, defines, PLATFORMS)
        yield Output("swiftpm", PurePosixPath(MANIFEST), options)
