"""The package: its version, what it says of the machine, how fast it imports."""

import platform
import subprocess
import sys
from importlib import metadata

from mlxport import runtime as rt


def test_version():
    assert rt.__version__ == metadata.version("mlxport")


def test_devices():
    device = rt.devices()[0]
    assert device.kind == "cpu"
    assert device.name
    assert device.verified


def test_cpu_features():
    features = rt.cpu_features()
    assert len(set(features)) == len(features)
    baseline = {"x86_64": "sse4.2", "aarch64": "neon", "arm64": "neon"}
    if platform.machine() in baseline:
        assert baseline[platform.machine()] in features


def test_all_is_there():
    assert sorted(rt.__all__) == rt.__all__
    assert all(hasattr(rt, name) for name in rt.__all__)


def test_import_brings_in_nothing_heavy():
    code = "import sys, mlxport.runtime; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not {"mlx", "mlx.core", "torch", "libcst", "git", "rich"} & set(
        run.stdout.split()
    )
