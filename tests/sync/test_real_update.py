"""Updates to the real MLX: set MLXPORT_UPSTREAM to a mirror of it."""

import json
import os
import subprocess

import pytest

from mlxport.cli.main import main

MIRROR = os.environ.get("MLXPORT_UPSTREAM", "")
FOLDER = "Source/Cmlx/mlx"

pytestmark = [
    pytest.mark.upstream,
    pytest.mark.skipif(not MIRROR, reason="MLXPORT_UPSTREAM names no mirror"),
]


@pytest.fixture
def empty(wrapper, git):
    """Return the example wrapper around the real MLX, before its first update."""
    config = wrapper / "mlxport.toml"
    text = config.read_text().replace(
        "location = '../upstream'", f"location = '{MIRROR}'"
    )
    # Only with the whole tree taken can its hash be compared with git's own.
    lines = [line for line in text.splitlines() if not line.startswith("take =")]
    config.write_text("\n".join(lines) + "\n")
    git(wrapper, "rm", "-r", "--quiet", FOLDER, "mlxport.lock")
    git(wrapper, "commit", "--all", "--quiet", "--message", "Before")
    return wrapper


@pytest.mark.parametrize(
    ("tag", "apple", "linux"),
    [
        pytest.param("v0.28.0", 103, 76, id="v0.28.0"),
        pytest.param("v0.29.1", 104, 77, id="v0.29.1"),
        pytest.param("v0.31.1", 109, 79, id="v0.31.1"),
    ],
)
def test_a_release(empty, tag, apple, linux):
    assert main(["sync", "update", "--wrapper", str(empty), "--to", tag]) == 1
    lock = json.loads((empty / "mlxport.lock").read_text())
    lock = lock["upstreams"]["mlx"]
    counts = {n: len(c["sources"]) for n, c in lock["configurations"].items()}
    assert counts == {"darwin-metal-jit": apple, "linux-cpu": linux}
    run = subprocess.run(
        ["git", "-C", MIRROR, "rev-parse", f"{tag}^{{tree}}"],
        capture_output=True,
        check=True,
        text=True,
    )
    assert lock["vendored"] == lock["tree"] == run.stdout.strip()
    assert main(["sync", "update", "--wrapper", str(empty), "--to", tag]) == 0


def test_from_release_to_release(empty, git):
    for tag in ("v0.28.0", "v0.29.1", "v0.31.1"):
        assert main(["sync", "update", "--wrapper", str(empty), "--to", tag]) == 1
        git(empty, "add", "--all")
        git(empty, "commit", "--quiet", "--message", tag)
    manifest = (empty / "Package.swift").read_text()
    assert ".gnucxx20" in manifest
    assert '.define("MLX_VERSION", to: "\\"0.31.1\\"")' in manifest
