import json
import os
import re
import subprocess
import sys

import pytest

from mlxport.cli.main import main

CMAKE = """
cmake_minimum_required(VERSION 3.24)
project(mlx LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 17)
option(MLX_BUILD_METAL "" ON)
option(MLX_BUILD_GGUF "" ON)
add_library(mlx mlx/ops.cpp)
target_compile_definitions(mlx PRIVATE MLX_STATIC)
if(MLX_BUILD_METAL)
  target_sources(mlx PRIVATE mlx/metal.cpp)
endif()
if(MLX_BUILD_GGUF)
  target_sources(mlx PRIVATE mlx/gguf.cpp)
endif()
include(FetchContent)
FetchContent_Declare(fmt GIT_REPOSITORY https://example.org/fmt.git GIT_TAG 12.1.0)
FetchContent_MakeAvailable(fmt)
add_custom_command(OUTPUT sort.cpp COMMAND bash make.sh DEPENDS make.sh)
target_sources(mlx PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/sort.cpp)
"""
FILES = {
    "CMakeLists.txt": CMAKE,
    "make.sh": "",
    **{f"mlx/{name}.cpp": "" for name in ("ops", "metal", "gguf")},
}


@pytest.fixture
def upstream(commit):
    path = commit(FILES, "v1.0.0")
    commit({"CMakeLists.txt": "find_program(X swiftc)\n"}, "broken")
    return path


def lists(upstream, *options, ref="v1.0.0"):
    return main(["sync", "lists", "--upstream", str(upstream), "--ref", ref, *options])


def test_json(upstream, capsys, git):
    options = ("--config", "linux-cpu", "--config", "darwin-metal-jit")
    assert lists(upstream, *options, "--format", "json") == 0
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert err == ""
    assert document["ref"] == "v1.0.0"
    assert document["commit"] == git(upstream, "rev-parse", "v1.0.0").decode().strip()
    assert list(document["configs"]) == ["darwin-metal-jit", "linux-cpu"]
    linux = document["configs"]["linux-cpu"]
    assert linux["sources"] == ["mlx/gguf.cpp", "mlx/ops.cpp"]
    assert linux["generated"] == ["sort.cpp"]
    assert linux["defines"] == ["MLX_STATIC"]
    assert linux["standard"] == "c++17"
    assert linux["origins"]["mlx/ops.cpp"] == "CMakeLists.txt:7"
    fmt = {"name": "fmt", "url": "https://example.org/fmt.git", "ref": "12.1.0"}
    assert linux["dependencies"] == [fmt]
    assert linux["generated_from"] == [
        {
            "path": "sort.cpp",
            "origin": "CMakeLists.txt:19",
            "commands": [["bash", "make.sh"]],
            "depends": ["make.sh"],
        }
    ]
    assert "mlx/metal.cpp" in document["configs"]["darwin-metal-jit"]["sources"]


def test_text(upstream, capsys):
    assert lists(upstream, "--config", "linux-cpu") == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert re.match(r"linux-cpu at v1\.0\.0 \([0-9a-f]{12}\)\n", out)
    assert "\n  sources: 2\n    mlx/gguf.cpp\n    mlx/ops.cpp\n  generated: 1\n" in out


def test_every_configuration_by_default(upstream, capsys):
    assert lists(upstream, "--format", "json") == 0
    names = json.loads(capsys.readouterr().out)["configs"]
    assert {"darwin-metal-jit", "linux-cpu", "linux-cuda"} <= set(names)


def test_set(upstream, capsys):
    options = ("--config", "linux-cpu", "--set", "MLX_BUILD_GGUF=OFF")
    assert lists(upstream, *options, "--format", "json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["configs"]["linux-cpu"]["sources"] == ["mlx/ops.cpp"]


def test_a_cross_check_that_fails_and_without_it(commit, capsys):
    cmake = (
        CMAKE + "if(CMAKE_SCRIPT_MODE_FILE)\ntarget_sources(mlx PRIVATE x.cpp)\nendif()"
    )
    upstream = commit({**FILES, "CMakeLists.txt": cmake}, "v1.0.0")
    assert lists(upstream, "--config", "linux-cpu") == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "x.cpp (CMakeLists.txt:21) only in the quick" in err
    assert "--no-cross-check" in err
    assert lists(upstream, "--config", "linux-cpu", "--no-cross-check") == 0
    assert "x.cpp" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("ref", "options", "message"),
    [
        pytest.param("v1.0.1", [], "no tag, branch or commit 'v1.0.1'", id="ref"),
        pytest.param(
            "v1.0.0", ["--config", "beos"], "'beos'\nhint: known:", id="config"
        ),
        pytest.param("v1.0.0", ["--set", "sdk=1"], "'sdk'\nhint: known:", id="key"),
        pytest.param("v1.0.0", ["--set", "x"], "is not KEY=VALUE", id="no pair"),
        pytest.param(
            "broken", ["--config", "linux-cpu"], "CMakeLists.txt:", id="cmake"
        ),
    ],
)
def test_bad_input(upstream, capsys, ref, options, message):
    assert lists(upstream, *options, ref=ref) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert message in err


@pytest.mark.parametrize("argv", ["sync", "sync lists", "sync lists --ref v1"])
def test_missing_arguments(argv, capsys):
    with pytest.raises(SystemExit) as caught:
        main(argv.split())
    assert caught.value.code == 2
    assert "required" in capsys.readouterr().err


def test_help_has_an_example(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["sync", "lists", "--help"])
    assert caught.value.code == 0
    assert "example:\n  mlxport sync lists --upstream" in capsys.readouterr().out


def test_a_commit_inside_a_hook(upstream, commit, git, tmp_path):
    """The whole command, run by git itself in another repository."""
    other = commit({"x": ""}, folder="other")
    hook = other / ".git/hooks/pre-commit"
    hook.write_text(
        f"#!/bin/sh\nexec '{sys.executable}' -m mlxport.cli sync lists "
        f"--upstream '{upstream}' --ref v1.0.0 --config linux-cpu >'{tmp_path}/out'\n"
    )
    hook.chmod(0o755)
    git(other, "commit", "--allow-empty", "--message", "x")
    assert "mlx/ops.cpp" in (tmp_path / "out").read_text()


def test_importing_the_commands_is_light():
    code = (
        "import sys, mlxport.sync.commands; "
        "print([m for m in ('git', 'cmake', 'platformdirs') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ
    )
    assert done.stdout.strip() == "[]"
