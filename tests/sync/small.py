"""A pair of small upstreams and a wrapper around them, for tests of updates."""

import json
import os

from mlxport.cli.main import main

MLX = """\
cmake_minimum_required(VERSION 3.16)
project(mlx LANGUAGES CXX)
include(FetchContent)
FetchContent_Declare(fmt GIT_REPOSITORY https://example.org/fmt.git GIT_TAG {fmt})
FetchContent_MakeAvailable(fmt)
add_library(mlx {sources})
target_compile_definitions(mlx PRIVATE MLX_VERSION="{version}")
"""
MLX_C = """\
cmake_minimum_required(VERSION 3.16)
project(mlxc LANGUAGES CXX)
include(FetchContent)
FetchContent_Declare(mlx GIT_REPOSITORY https://example.org/mlx.git GIT_TAG {pin})
FetchContent_MakeAvailable(mlx)
add_library(mlxc c/a.cpp c/distributed.cpp)
target_link_libraries(mlxc PRIVATE mlx)
"""
PACKAGE = """\
// swift-tools-version: 5.10
import PackageDescription
let package = Package(
    name: "small",
    targets: [.target(name: "Cmlx", exclude: [], cxxSettings: [.define("MLX_VERSION", to: "\\"0\\"")])],
    cxxLanguageStandard: .gnucxx17
)
"""
CONFIG = """\
[upstreams.mlx]
location = "../mlx"
mode = "{mode}"
folder = "Source/Cmlx/mlx"
{mlx}

[upstreams.mlx-c]
location = "../mlx-c"
mode = "{mode}"
folder = "Source/Cmlx/mlx-c"
library = "mlxc"
drop = ["c/distributed.cpp"]

[configurations.linux-cpu]
{configuration}

[[outputs]]
format = "swiftpm"
path = "Package.swift"
target = "Cmlx"
defines = ["MLX_VERSION"]
[outputs.platforms]
linux-cpu = {{ os = "Linux" }}
{more}
"""
LINES = "".join(f"int line{n};\n" for n in range(40))


def mlx(version, fmt="10.0.0", sources=("mlx/a.cpp",), **files):
    """Return the files of the first upstream at a version."""
    cmake = MLX.format(version=version, fmt=fmt, sources=" ".join(sources))
    found = {"CMakeLists.txt": cmake, "LICENSE": "MIT\n", "mlx/a.cpp": LINES}
    found |= {path: f"// {path}\n" for path in sources if path not in found}
    return found | {path.replace("__", "/"): text for path, text in files.items()}


def mlx_c(pin):
    """Return the files of the second upstream, made for a version of the first."""
    return {
        "CMakeLists.txt": MLX_C.format(pin=pin),
        "LICENSE": "MIT\n",
        "c/a.cpp": "",
        "c/distributed.cpp": "",
    }


def build(commit, git, *, mode="snapshot", mlx_more="", configuration="", more=""):
    """Make the upstreams, mlx v1 to v3 and mlx-c v1 and v2 for the first two, and a wrapper."""
    upstream = commit(mlx("1"), "v1.0.0", "mlx")
    commit(mlx("2", sources=("mlx/a.cpp", "mlx/b.cpp")), "v2.0.0", "mlx")
    commit(mlx("3"), "v3.0.0", "mlx")
    pair = commit(mlx_c("v1.0.0"), "v0.1.0", "mlx-c")
    commit(mlx_c("v2.0.0"), "v0.2.0", "mlx-c")
    config = CONFIG.format(
        mode=mode, mlx=mlx_more, configuration=configuration, more=more
    )
    files = {
        "mlxport.toml": config,
        "Package.swift": PACKAGE,
        "Source/Cmlx/own.cpp": "",
    }
    wrapper = commit(files, None, "wrapper")
    if mode == "submodule":
        for name, location, tag in (
            ("mlx", upstream, "v1.0.0"),
            ("mlx-c", pair, "v0.1.0"),
        ):
            folder = f"Source/Cmlx/{name}"
            git(wrapper, "submodule", "add", "--quiet", str(location), folder)
            git(wrapper / folder, "checkout", "--quiet", tag)
        modules = wrapper / ".gitmodules"
        text = modules.read_text().replace(
            f"= {wrapper.parent}/", "= https://example.org/"
        )
        modules.write_text(text)
        git(wrapper, "add", "--all")
        git(wrapper, "commit", "--quiet", "--message", "Add the submodules")
    return wrapper


def update(wrapper, *arguments):
    """Run an update and return its exit code."""
    return main(["sync", "update", "--wrapper", str(wrapper), *arguments])


def read_lock(wrapper):
    """Return the lock as JSON."""
    return json.loads((wrapper / "mlxport.lock").read_text())


def files(root):
    """Return the bytes of every file and the kind of every folder that git does not own."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(root).parts
    }


def commit_all(git, folder, message="Update"):
    """Commit everything that lies in a repository."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)


def identify(monkeypatch):
    """Give commits an author, as a user's configuration does."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "A Maintainer")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "maintainer@example.org")
    assert "GIT_DIR" not in os.environ
