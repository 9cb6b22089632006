import json

import pytest

from mlxport.cli.main import main

BINDINGS = """\
void init_ops(nb::module_& m) {
  m.def("quantize", &mx::quantize, nb::sig("def quantize(w: array%s) -> array"));
  m.def("slow", &mx::slow, nb::sig("def slow(a: array) -> array"));
%s}
"""
CMAKE = """\
cmake_minimum_required(VERSION 3.24)
project(mlx LANGUAGES CXX)
set(CMAKE_CXX_STANDARD %s)
add_library(mlx mlx/ops.cpp%s)
target_compile_definitions(mlx PRIVATE MLX_VERSION="%s")
"""
HEADER = "namespace mlx::core { array quantize(array w%s); }\n"
FILES = {"mlx/ops.cpp": "", "mlx/new.cpp": "", "mlx/mlx.h": '#include "mlx/ops.h"\n'}


@pytest.fixture
def upstream(commit):
    path = commit(
        {
            **FILES,
            "CMakeLists.txt": CMAKE % (17, "", "0.28.0"),
            "mlx/ops.h": HEADER % "",
            "python/src/ops.cpp": BINDINGS % ("", ""),
        },
        "v0.28.0",
    )
    commit(
        {
            "CMakeLists.txt": CMAKE % (20, " mlx/new.cpp", "0.29.1"),
            "mlx/ops.h": HEADER % ', const std::string& mode = "affine"',
            "python/src/ops.cpp": BINDINGS
            % (", mode: str = 'affine'", '  m.def("fresh", &mx::fresh);\n'),
        },
        "v0.29.1",
    )
    return path


def diff(upstream, *options, versions=("v0.28.0", "v0.29.1")):
    return main(["sync", "diff", *versions, "--upstream", str(upstream), *options])


ONE = ("--config", "linux-cpu")


def test_json(upstream, capsys):
    assert diff(upstream, *ONE, "--format", "json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["before"]["ref"] == "v0.28.0"
    assert document["configs"] == {
        "linux-cpu": {
            "standard": {"before": "c++17", "after": "c++20"},
            "sources": {"added": ["mlx/new.cpp"], "removed": []},
            "generated_sources": {"added": [], "removed": []},
            "metal_kernels": {"added": [], "removed": []},
            "defines": {
                "added": ['MLX_VERSION="0.29.1"'],
                "removed": ['MLX_VERSION="0.28.0"'],
            },
            "dependencies": {"added": [], "removed": []},
        }
    }
    api = {(c["surface"], c["name"]): c for c in document["api"]}
    assert list(api) == [
        ("C++", "mlx::core::quantize"),
        ("Python", "mlx.core.fresh"),
        ("Python", "mlx.core.quantize"),
    ]
    changed = api["Python", "mlx.core.quantize"]
    assert [d["kind"] for d in changed["details"]] == ["parameter added"]
    assert changed["recipes"] == ["quantization_mode"]
    assert api["Python", "mlx.core.fresh"]["recipes"] == []
    assert api["C++", "mlx::core::quantize"]["recipes"] == []


def test_text(upstream, capsys):
    assert diff(upstream, *ONE) == 0
    out = capsys.readouterr().out
    assert "  standard: c++17 -> c++20\n  sources: +1 -0\n    + mlx/new.cpp\n" in out
    assert "      migrated by: quantization_mode\n" in out


def test_markdown(upstream, capsys):
    assert diff(upstream, *ONE, "--format", "markdown") == 0
    out = capsys.readouterr().out
    assert out.startswith("## v0.28.0 → v0.29.1\n\n| configuration | sources |")
    assert "| linux-cpu | +1 -0 |  |  | +1 -1 |  | c++17 → c++20 |\n" in out
    assert (
        "- Python: `mlx.core.quantize`: parameter added `mode = 'affine'`\n"
        "  - migrated by `quantization_mode`\n"
    ) in out
    assert "### Added\n\n- Python: `mlx.core.fresh`\n" in out


def test_the_way_back_needs_no_recipe(upstream, capsys):
    versions = ("v0.29.1", "v0.28.0")
    assert diff(upstream, *ONE, "--format", "json", versions=versions) == 0
    document = json.loads(capsys.readouterr().out)
    assert [c["kind"] for c in document["api"]] == ["changed", "removed", "changed"]
    assert not any(c["recipes"] for c in document["api"])


@pytest.mark.parametrize(
    ("form", "said"),
    [
        pytest.param("text", "API: 0 changes", id="text"),
        pytest.param("markdown", "Nothing changed.", id="markdown"),
    ],
)
def test_nothing_changed(upstream, capsys, form, said):
    versions = ("v0.28.0", "v0.28.0")
    assert diff(upstream, *ONE, "--format", form, versions=versions) == 0
    assert said in capsys.readouterr().out


def test_a_long_list_is_folded(upstream, commit, capsys):
    names = " ".join(f"mlx/{n}.cpp" for n in range(20))
    files = {f"mlx/{n}.cpp": "" for n in range(20)}
    commit({"CMakeLists.txt": CMAKE % (20, f" {names}", "0.30.0"), **files}, "v0.30.0")
    versions = ("v0.29.1", "v0.30.0")
    assert diff(upstream, *ONE, "--format", "markdown", versions=versions) == 0
    out = capsys.readouterr().out
    assert "<details><summary>Sources (linux-cpu): 21</summary>\n" in out


def test_the_headers_of_mlx_c(commit, capsys):
    cmake = CMAKE.replace("add_library(mlx ", "add_library(mlxc ").replace(
        "definitions(mlx ", "definitions(mlxc "
    )
    files = {"CMakeLists.txt": cmake % (17, "", "1"), "mlx/ops.cpp": ""}
    path = commit({**files, "mlx/c/ops.h": "int mlx_abs(int a);\n"}, "v0.1")
    commit({"mlx/c/ops.h": "int mlx_abs(int a, int b);\n"}, "v0.2")
    options = (*ONE, "--format", "json")
    assert diff(path, *options, versions=("v0.1", "v0.2")) == 0
    [change] = json.loads(capsys.readouterr().out)["api"]
    assert (change["surface"], change["name"], change["breaking"]) == (
        "C",
        "mlx_abs",
        True,
    )


@pytest.mark.parametrize(
    ("versions", "options", "said"),
    [
        pytest.param(
            ("v0.28.1", "v0.29.1"), (), "did you mean v0.29.1, v0.28.0", id="no ref"
        ),
        pytest.param(
            ("v0.28.0", "v0.29.1"),
            ("--config", "amiga"),
            "amiga",
            id="no configuration",
        ),
    ],
)
def test_bad_input(upstream, capsys, versions, options, said):
    assert diff(upstream, *options, versions=versions) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err


def test_examples(built, capsys):
    versions = ("v1.0.0", "v2.0.0")
    assert diff(built / "upstream", versions=versions) == 0
    assert "mlx/backend/cpu/softmax.cpp" in capsys.readouterr().out
