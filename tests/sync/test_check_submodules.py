"""A package with MLX and mlx-c as submodules that are not checked out, and no mlxport.toml."""

import json
import os

import pytest

from mlxport.cli.main import main
from mlxport.sync.layouts import recognise
from mlxport.sync.wrapper import find_wrapper

MANIFEST = """\
// swift-tools-version: 5.10
import PackageDescription

let always = [
    "fmt",
]
#if os(Linux)
    let excludes: [String]
    if Context.environment["SPM_CUDA"] != "0" {
        excludes = [
            "only-cuda",
        ] + always
    } else {
        excludes = [
            "only-cpu",
        ] + always
    }
#else
    let excludes: [String] = [
        "only-apple",
    ] + always
#endif

let package = Package(
    name: "small",
    targets: [
        .target(
            name: "Cmlx",
            path: "Source/Cmlx",
            exclude: excludes,
            cxxSettings: [
                .define("MLX_VERSION", to: "\\"1.0.0\\""),
            ]
        )
    ],
    cxxLanguageStandard: .gnucxx17
)
"""
MODULES = """\
[submodule "submodules/mlx"]
\tpath = Source/Cmlx/mlx
\turl = https://mlx.invalid/mlx
[submodule "submodules/mlx-c"]
\tpath = Source/Cmlx/mlx-c
\turl = https://mlx.invalid/mlx-c
"""
C_CMAKE = """\
cmake_minimum_required(VERSION 3.24)
project(mlxc LANGUAGES C CXX)
set(CMAKE_CXX_STANDARD 17)
include(FetchContent)
FetchContent_Declare(
  mlx
  GIT_REPOSITORY "https://mlx.invalid/mlx.git"
  GIT_TAG v1.0.0)
FetchContent_MakeAvailable(mlx)
add_library(mlxc mlx/c/array.cpp mlx/c/distributed.cpp mlx/c/fast.cpp mlx/c/metal.cpp)
target_link_libraries(mlxc PRIVATE mlx)
"""
C_FILES = {
    "CMakeLists.txt": C_CMAKE,
    **{f"mlx/c/{n}.cpp": "" for n in ("array", "distributed", "fast", "metal")},
    "examples/example.c": "int main(void) { return 0; }\n",
}


@pytest.fixture
def package(built, tmp_path, commit, git):
    """Return a package whose manifest leaves nothing out of its submodules."""
    c_upstream = commit(C_FILES, "v0.1.0", folder="mlx-c")
    kept = ("fmt", "only-cuda", "only-cpu", "only-apple")
    folder = commit(
        {
            "Package.swift": MANIFEST,
            ".gitmodules": MODULES,
            **{f"Source/Cmlx/{name}/README.md": "" for name in kept},
        },
        folder="package",
    )
    for name, location, tag in (
        ("mlx", built / "upstream", "v1.0.0"),
        ("mlx-c", c_upstream, "v0.1.0"),
    ):
        head = git(location, "rev-parse", f"{tag}^{{commit}}").decode().strip()
        entry = f"160000,{head},Source/Cmlx/{name}"
        git(folder, "update-index", "--add", "--cacheinfo", entry)
    git(folder, "commit", "--quiet", "--message", "Pin")
    # A submodule that is not checked out is an empty folder.
    os.makedirs(folder / "Source/Cmlx/mlx")
    os.makedirs(folder / "Source/Cmlx/mlx-c")
    return folder


@pytest.fixture
def check(package, built, tmp_path, capsys):
    def run(*options):
        code = main(
            [
                *("sync", "check", "--wrapper", str(package), "--format", "json"),
                *("--upstream", f"mlx={built / 'upstream'}"),
                *("--upstream", f"mlx-c={tmp_path / 'mlx-c'}", *options),
            ]
        )
        findings = json.loads(capsys.readouterr().out)["findings"]
        assert code == bool(findings) or "--fix" in options
        return [(f["rule"], f["about"]) for f in findings]

    return run


def test_is_recognised(package):
    layout = recognise(find_wrapper(package))
    assert [pin.name for pin in layout.pins] == ["mlx", "mlx-c"]
    assert layout.pins[0].where == (".gitmodules", 2)
    assert layout.pins[1].locations == ("https://mlx.invalid/mlx-c",)


def test_finds_what_no_entry_covers_in_both_upstreams(check):
    found = check()
    assert {rule for rule, _ in found} == {"accidental-sweep"}
    swept = {about.removeprefix("Source/Cmlx/") for _, about in found}
    assert "mlx/mlx/backend/cuda/cuda.cpp" in swept
    assert {"mlx-c/examples", "mlx-c/mlx/c/metal.cpp"} <= swept
    assert "mlx-c/mlx/c/array.cpp" not in swept


def test_repairs_each_platform_and_nothing_else(check, package, git):
    assert check("--fix") == []
    assert check() == []
    lines = git(package, "diff", "--unified=0").decode().splitlines()
    assert not [x for x in lines if x.startswith("-") and not x.startswith("---")]
    text = (package / "Package.swift").read_text()
    cuda, other = text.partition("if Context")[2].split("} else {")
    assert "mlx/mlx/backend/cuda/no_cuda.cpp" in cuda
    assert "mlx/mlx/backend/cuda/no_cuda.cpp" not in other


def test_keeps_entries_written_by_hand(check, package, git):
    check("--fix")
    text = (package / "Package.swift").read_text()
    more = '"fmt",\n    "mlx/docs",\n    "mlx/mlx/mlx.h",  // ours\n'
    (package / "Package.swift").write_text(text.replace('"fmt",\n', more))
    git(package, "commit", "--quiet", "--all", "--message", "By hand")
    assert check("--fix") == []
    assert '"mlx/mlx/mlx.h",  // ours' in (package / "Package.swift").read_text()
    assert '"mlx/docs"' not in (package / "Package.swift").read_text()


def test_pairing_of_another_version(check):
    check("--fix")
    found = check("--to", "v2.0.0")
    assert ("pairing", "mlx-c mlx") in found
    assert ("accidental-sweep", "Source/Cmlx/mlx/mlx/backend/cuda/dirs.cpp") in found


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        pytest.param(".gitmodules", "[submodule\n", "cannot be read", id="broken"),
        pytest.param(
            ".gitmodules", MODULES.replace("\turl = https://mlx.invalid/mlx\n", ""), "url",
            id="no url",
        ),
        pytest.param(".gitmodules", "", "write an mlxport.toml", id="no submodule"),
        pytest.param("Package.swift", None, "write an mlxport.toml", id="no manifest"),
    ],
)  # fmt: skip
def test_bad_layout(package, capsys, path, text, said):
    if text is None:
        (package / path).unlink()
    else:
        (package / path).write_text(text)
    assert main(["sync", "check", "--wrapper", str(package)]) == 2
    assert said in capsys.readouterr().err


def test_no_submodule_in_git(package, git, capsys):
    git(package, "rm", "--cached", "--quiet", "Source/Cmlx/mlx-c")
    assert main(["sync", "check", "--wrapper", str(package)]) == 2
    assert "git submodule add URL Source/Cmlx/mlx-c" in capsys.readouterr().err
