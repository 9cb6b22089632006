"""The real MLX: set MLXPORT_UPSTREAM to a mirror of it.

MLXPORT_LISTS may name lists that were derived in another way, as JSON:
`{TAG: {CONFIGURATION: {"sources": [...], "generated": [...]}}}`.
"""

import json
import os
import re
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

from mlxport.sync import configuration, cuda, formats, upstream
from mlxport.sync.constants import Options
from mlxport.sync.evaluation import cross_checked, evaluate, evaluate_quick
from mlxport.sync.lock import WrapperLists
from mlxport.sync.mentions import read_lists
from mlxport.sync.why import explain

MIRROR = os.environ.get("MLXPORT_UPSTREAM", "")
LISTS = os.environ.get("MLXPORT_LISTS", "")
RELEASES = ("v0.9.0", "v0.21.1", "v0.25.1", "v0.28.0", "v0.29.1", "v0.31.1", "v0.32.1")

pytestmark = [
    pytest.mark.upstream,
    pytest.mark.skipif(not MIRROR, reason="MLXPORT_UPSTREAM names no mirror"),
]


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    @cache
    def of(tag):
        folder = tmp_path_factory.mktemp("tree") / tag
        upstream.materialise(upstream.resolve(MIRROR, tag), folder)
        return folder

    return of


@pytest.mark.parametrize("name", configuration.known())
@pytest.mark.parametrize("tag", RELEASES)
def test_lists(tree, tag, name):
    (chosen,) = configuration.load([name], {})
    found = cross_checked(tree(tag), chosen)
    assert len(found.paths) > 40
    assert len(set(found.paths)) == len(found.paths)
    assert all((tree(tag) / path).is_file() for path in found.paths)
    assert all(re.fullmatch(r".+:\d+", source.origin) for source in found.sources)
    assert all(file.commands and file.depends for file in found.generated)
    assert "mlx/ops.cpp" in found.paths
    assert not any("tests/" in path or "examples/" in path for path in found.paths)
    compiled_cuda = {path for path in found.paths if path.startswith(cuda.FOLDER)}
    if not chosen.is_cuda:
        assert compiled_cuda <= {cuda.STUB}
    if (tree(tag) / "mlx/version.cpp").exists():
        version = tag.removeprefix("v")
        assert f'MLX_VERSION="{version}"' in found.defines


@pytest.mark.parametrize(
    ("path", "name", "verdict", "because"),
    [
        pytest.param(
            "mlx/io/gguf.cpp", "windows-cpu", "out", "if(MLX_BUILD_GGUF) at", id="if"
        ),
        pytest.param(
            "mlx/distributed/jaccl/lib/jaccl/ring.cpp",
            "darwin-metal-jit",
            "in",
            "to the library jaccl, which mlx links at mlx/distributed/jaccl/CMakeLists.txt",
            id="through a library",
        ),
        pytest.param(
            "mlx/distributed/jaccl/lib/examples/minimal_env.cpp",
            "darwin-metal-jit",
            "out",
            "no list reads mlx/distributed/jaccl/lib/examples/CMakeLists.txt",
            id="list that is not read",
        ),
        pytest.param(
            "mlx/backend/cuda/dirs.cpp", "linux-cpu", "out", "the CUDA rule", id="CUDA"
        ),
        pytest.param(
            "sort.cpp", "ios-metal-jit", "generated", "metal/CMakeLists.txt", id="made"
        ),
    ],
)
def test_why(tree, path, name, verdict, because):
    root = tree("v0.32.1")
    (chosen,) = configuration.load([name], {})
    reason = explain(root, read_lists(root), chosen, path)
    assert reason.verdict == verdict
    assert because in reason.because[0]


@pytest.mark.parametrize("form", ["bazel", "cmake", "rust", "zig"])
def test_each_format_holds_the_lists(tree, form):
    lists = {
        chosen.name: WrapperLists(
            (found := evaluate_quick(tree("v0.31.1"), chosen)).paths,
            tuple(file.path for file in found.generated),
            found.defines,
            found.standard,
            found.dependencies,
        )
        for chosen in configuration.load([], {})
    }
    place = PurePosixPath("lists"), PurePosixPath("vendor/mlx")
    given = formats.Lists(Path(), *place, (), lists)
    module, options = formats.load(form), Options("mlx", None)
    text = module.render(None, given, options)
    assert module.compiled(text, given, options) == given.compiled


@pytest.mark.parametrize("changed", [{}, {"macos_sdk": "14.5"}], ids=["26.2", "14.5"])
def test_the_sdk_turns_jaccl_on(tree, changed):
    (chosen,) = configuration.load(["darwin-metal-jit"], changed)
    found = evaluate(tree("v0.31.1"), chosen)
    assert ("mlx/distributed/jaccl/jaccl.cpp" in found.paths) is not bool(changed)
    assert ("mlx/distributed/jaccl/no_jaccl.cpp" in found.paths) is bool(changed)


@pytest.mark.parametrize("tag", RELEASES[:-1])
def test_ios_before_upstream_knew_it(tree, tag):
    """The list is macOS's, with the stub of what may not compile code at run time."""
    darwin, ios = (
        set(evaluate(tree(tag), chosen).paths)
        for chosen in configuration.load(["darwin-metal-jit", "ios-metal-jit"], {})
    )
    names = {path.rpartition("/")[2] for path in darwin - ios}
    assert names <= {"compiled.cpp", "compiled_cpu.cpp", "jit_compiler.cpp"}
    (stub,) = ios - darwin
    assert stub in (
        "mlx/backend/no_cpu/compiled.cpp",
        "mlx/backend/common/compiled_nocpu.cpp",
    )


@pytest.mark.parametrize(
    ("tag", "cuda_version", "compiled", "left_out"),
    [
        pytest.param("v0.31.1", "12.7", "no_qqmm_impl.cpp", "qqmm_impl.cpp", id="12.7"),
        pytest.param("v0.31.1", "12.8", "qqmm_impl.cpp", "no_qqmm_impl.cpp", id="12.8"),
        pytest.param(
            "v0.31.1",
            "12.8",
            "cublas_gemm_batched_12_0.cpp",
            "cublas_gemm_batched_12_9.cu",
            id="before 12.9",
        ),
        pytest.param(
            "v0.31.1",
            "12.9",
            "cublas_gemm_batched_12_9.cu",
            "cublas_gemm_batched_12_0.cpp",
            id="12.9",
        ),
    ],
)
def test_the_version_of_cuda_decides(tree, tag, cuda_version, compiled, left_out):
    (chosen,) = configuration.load(["linux-cuda"], {"cuda_version": cuda_version})
    names = {p.rpartition("/")[2] for p in evaluate(tree(tag), chosen).paths}
    assert compiled in names
    assert left_out not in names


def test_nccl_decides(tree):
    (chosen,) = configuration.load(["linux-cuda"], {"nccl": "OFF"})
    paths = evaluate(tree("v0.32.1"), chosen).paths
    assert "mlx/distributed/nccl/no_nccl.cpp" in paths


@pytest.mark.skipif(not LISTS, reason="MLXPORT_LISTS names no lists")
def test_lists_are_those_derived_in_another_way(tree):
    for tag, configs in json.loads(Path(LISTS).read_text()).items():
        for name, expected in configs.items():
            base, _, sdk = name.partition("-sdk")
            changed = {"macos_sdk": f"{sdk}.5"} if sdk else {}
            (chosen,) = configuration.load([base], changed)
            found = evaluate(tree(tag), chosen)
            generated = sorted(file.name for file in found.generated)
            assert list(found.paths) == expected["sources"], (tag, name)
            assert generated == expected["generated"], (tag, name)
