"""A Swift package with MLX and mlx-c as submodules of its `Cmlx` target: mlx-swift."""

import configparser
import re
from pathlib import Path, PurePosixPath

from mlxport.cli.errors import UserError

from ..conditions import Platform
from ..formats.swiftpm import Options
from ..upstream import opened
from ..wrapper import Wrapper
from . import Build, Choice, Layout, Output, Pin, line_of

MODULES = ".gitmodules"
MANIFEST = "Package.swift"
TARGET = "Cmlx"
FOLDER = PurePosixPath("Source") / TARGET
APPLE, CPU, CUDA = "darwin-metal-jit", "linux-cpu", "linux-cuda"
LINUX = frozenset({CPU, CUDA})

BUILDS = (
    Build(APPLE, APPLE, {"MLX_BUILD_GGUF": "OFF"}),
    Build(CPU, CPU, {"MLX_BUILD_GGUF": "OFF"}),
    Build(CUDA, CUDA, {"MLX_BUILD_GGUF": "OFF"}),
)
PLATFORMS = {
    APPLE: Platform("macOS"),
    CPU: Platform("Linux", {"SPM_CUDA": "0"}),
    CUDA: Platform("Linux", {"SPM_CUDA": "1"}),
}
# What a manifest says that is built for more than Apple's systems.
WORDS = {APPLE: (), CPU: ("os(Linux)",), CUDA: ("os(Linux)", "SPM_CUDA")}
DISTRIBUTED = "mlx/distributed"
# Where every such package builds something else than upstream's CMake does.
CHOICES = {
    "mlx": (
        *(
            Choice(
                f"{DISTRIBUTED}/{name}",
                f"{DISTRIBUTED}/{name}/no_{name}.cpp",
                # Upstream did not always have these.
                optional=name in ("nccl", "jaccl"),
            )
            for name in ("mpi", "ring", "nccl", "jaccl")
        ),
        # A file of the package includes it on macOS, and the stub elsewhere.
        Choice("mlx/backend/cpu/compiled.cpp", builds=frozenset({APPLE})),
    ),
    "mlx-c": (
        Choice("mlx/c/distributed.cpp"),
        Choice("mlx/c/distributed_group.cpp"),
        Choice("mlx/c/metal.cpp", builds=LINUX),
        Choice("mlx/c/fast.cpp", builds=frozenset({CPU})),
    ),
}
# The folders of the target that take what upstream's build generates, by its kind.
GENERATED = {
    "metal-jit": "mlx-generated",
    "cpu-preamble": "mlx-generated",
    "metal-kernels": "mlx-generated/metal",
    "cuda-jit": "mlx-generated/cuda",
    "c-headers": "include/mlx/c",
    "framework-headers": "include-framework",
    "c-framework-headers": "include-framework",
}
LIBRARIES = {"mlx": "", "mlx-c": "mlxc"}


def recognise(wrapper: Wrapper) -> Layout | None:
    """Return the layout of a package with the submodule `Source/Cmlx/mlx`, else None."""
    root = wrapper.root
    if not (root / MANIFEST).is_file() or not (root / MODULES).is_file():
        return None
    urls = _submodules(root / MODULES)
    pins = tuple(
        _pin(wrapper, name, urls[str(FOLDER / name)])
        for name in LIBRARIES
        if str(FOLDER / name) in urls
    )
    if not pins or pins[0].name != "mlx":
        return None
    text = (root / MANIFEST).read_text("utf-8", "replace")
    builds = tuple(
        build for build in BUILDS if all(w in text for w in WORDS[build.name])
    )
    options = Options(
        target=TARGET,
        quiet=True,
        defines=("MLX_VERSION",),
        platforms={build.name: PLATFORMS[build.name] for build in builds},
    )
    output = Output("swiftpm", PurePosixPath(MANIFEST), options)
    generated = {
        kind: str(FOLDER / folder)
        for kind, folder in GENERATED.items()
        if (root / FOLDER / folder).is_dir()
    }
    return Layout("submodules", pins, builds, (output,), generated=generated)


def _submodules(path: Path) -> dict[str, str]:
    """Return the URL of each submodule by its folder."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        # Git indents the keys, which here would continue the line above.
        parser.read_string(re.sub(r"(?m)^[ \t]+", "", path.read_text("utf-8")))
        return {
            section["path"]: section["url"]
            for section in (parser[name] for name in parser.sections())
        }
    except (configparser.Error, KeyError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"cannot be read: {reason}", where=str(path)) from None


def _pin(wrapper: Wrapper, name: str, url: str) -> Pin:
    folder = FOLDER / name
    checked_out = (wrapper.root / folder / ".git").exists()
    return Pin(
        name=name,
        folder=folder,
        locations=(*([str(wrapper.root / folder)] if checked_out else []), url),
        revision=_commit(wrapper, folder),
        where=(MODULES, line_of(wrapper.root / MODULES, f"path = {folder}")),
        library=LIBRARIES[name],
        choices=CHOICES[name],
    )


def _commit(wrapper: Wrapper, folder: PurePosixPath) -> str:
    """Return the commit that the index has for a submodule."""
    with opened(wrapper.repository) as repo:
        listed = str(repo.git.ls_files("--stage", "--", str(wrapper.root / folder)))
    match = re.match(r"160000 ([0-9a-f]+) ", listed)
    if not match:
        raise UserError(
            f"{MODULES} names {folder}, and git has no submodule there",
            where=str(wrapper.root),
            hint=f"git submodule add URL {folder}, or take it out of {MODULES}",
        )
    return match[1]
