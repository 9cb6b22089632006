"""The real MLX and mlx-swift: set MLXPORT_UPSTREAM to a mirror of MLX.

MLXPORT_SWIFT and MLXPORT_C name mirrors of mlx-swift and mlx-c; without them only the
tests of MLX alone run.
"""

import json
import os
import subprocess

import pytest

from mlxport.cli.main import main

MIRROR = os.environ.get("MLXPORT_UPSTREAM", "")
SWIFT = os.environ.get("MLXPORT_SWIFT", "")
C = os.environ.get("MLXPORT_C", "")
# mlx-swift when it carried MLX 0.31.1 and 0.30.6.
WITH_0_31_1, WITH_0_30_6 = "09051ed", "6ba4827"

pytestmark = [
    pytest.mark.upstream,
    pytest.mark.skipif(not MIRROR, reason="MLXPORT_UPSTREAM names no mirror"),
]
wrapped = pytest.mark.skipif(
    not (SWIFT and C), reason="MLXPORT_SWIFT and MLXPORT_C name no mirrors"
)


@pytest.fixture
def check(tmp_path, capsys):
    def run(commit, *options):
        folder = tmp_path / "swift"
        subprocess.run(["git", "clone", "--quiet", SWIFT, folder], check=True)
        subprocess.run(["git", "-C", folder, "checkout", "--quiet", commit], check=True)
        code = main(
            [
                *("sync", "check", "--wrapper", str(folder), "--format", "json"),
                *("--upstream", f"mlx={MIRROR}", "--upstream", f"mlx-c={C}", *options),
            ]
        )
        assert code == 1
        return {
            (f["rule"], f["path"].rpartition("/")[2], f["about"].rpartition("/")[2])
            for f in json.loads(capsys.readouterr().out)["findings"]
        }

    return run


@wrapped
def test_what_is_wrong_at_its_own_pin(check):
    assert check(WITH_0_31_1) == {
        ("language-standard", "CMakeLists.txt", "CMAKE_CXX_STANDARD"),
        ("duplicate-exclude", "Package.swift", "kernels"),
        ("shadowed-exclude", "Package.swift", "compiled.cpp"),
        ("duplicate-exclude", "CudaBuild.json", "kernels"),
        ("leaked-path", "gemm_nax.cpp", "machine path"),
        ("leaked-path", "steel_attention_nax.cpp", "machine path"),
        ("kernel-stale", "steel_attention.metal", "steel_attention.metal"),
        ("vendored-dependency", "vendor-README.md", "metal-cpp_macOS15_iOS18-beta.zip"),
        ("lost-patch", "vendor-README.md", "metal-cpp.patch"),
        ("kernel-incomplete", "fix-metal-includes.sh", "fence.metal"),
        ("kernel-stale", "fix-metal-includes.sh", "steel_attention.metal"),
        ("header-closure", "update-mlx-xcodeproj.sh", "device_info.h"),
    }


@wrapped
def test_what_the_next_version_breaks(check):
    found = check(WITH_0_31_1, "--to", "v0.32.1")
    assert {
        ("dead-exclude", "Package.swift", "nccl_stub"),
        ("dead-exclude", "Package.swift", "mesh.cpp"),
        ("dead-exclude", "Package.swift", "ring.cpp"),
        ("dead-exclude", "Package.swift", "utils.cpp"),
        ("accidental-sweep", "Package.swift", "lib"),
        ("accidental-sweep", "Package.swift", "dirs.cpp"),
        ("version-define", "Package.swift", "MLX_VERSION"),
        ("pairing", ".gitmodules", "mlx-c mlx"),
    } <= found


@wrapped
def test_what_was_wrong_before(check):
    assert {
        ("dead-exclude", "Package.swift", "cuda.cpp"),
        ("version-define", "Package.swift", "MLX_VERSION"),
        ("language-standard", "Package.swift", "cxxLanguageStandard"),
        ("vendored-dependency", "core.h", "fmt"),
    } <= check(WITH_0_30_6)


def diff(capsys, *versions):
    options = ("--config", "darwin-metal-jit", "--format", "json")
    assert main(["sync", "diff", *versions, "--upstream", MIRROR, *options]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_modes_of_quantization(capsys):
    document = diff(capsys, "v0.28.0", "v0.29.1")
    with_mode = {
        change["name"].rpartition(".")[2]
        for change in document["api"]
        if any(d["name"] == "mode" for d in change["details"])
        and change["recipes"][:1] == ["quantization_mode"]
    }
    assert with_mode == {
        *("quantize", "dequantize", "quantized_matmul", "gather_qmm", "to_quantized"),
        *("__init__", "from_linear", "from_embedding"),
    }
    generated = document["configs"]["darwin-metal-jit"]["generated_sources"]
    assert len(generated["added"]) == 3


def test_a_global_scale(capsys):
    document = diff(capsys, "v0.30.6", "v0.31.1")
    changed = {
        change["name"]
        for change in document["api"]
        if any(d["name"] == "global_scale" for d in change["details"])
    }
    assert changed == {
        *("mlx.core.quantize", "mlx.core.dequantize"),
        *("mlx::core::quantize", "mlx::core::dequantize"),
    }
