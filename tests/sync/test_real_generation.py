"""What mlx-swift has committed of upstream's generated files, made again byte for byte."""

import os
import re
import subprocess

import pytest

from mlxport.sync import configuration, upstream
from mlxport.sync.evaluation import evaluate
from mlxport.sync.generation import generate

UPSTREAM = os.environ.get("MLXPORT_UPSTREAM")
WRAPPER = os.environ.get("MLXPORT_WRAPPER")
GENERATED = "Source/Cmlx/mlx-generated"
# The wrapper's commits that brought these tags; from the second era on two of its files hold
# the path of a toolchain.
COMMITS = {
    "v0.25.1": "feb81e6",
    "v0.29.1": "072b684",
    "v0.30.0": "669c4e6",
    "v0.30.1": "07407d9",
    "v0.30.6": "6ba4827",
    "v0.31.1": "399f231",
}
LEAK = re.compile(
    rb"/{79}\n// Contents from \"/private/[^\n]*\n/{79}\n\n#line 1 \"/private/[^\n]*\n.*?\n\n"
    rb"(?=/{79}\n// Contents from \"mlx/)",
    re.DOTALL,
)

pytestmark = [
    pytest.mark.upstream,
    pytest.mark.skipif(
        not (UPSTREAM and WRAPPER),
        reason="MLXPORT_UPSTREAM and MLXPORT_WRAPPER name no mirrors",
    ),
]


def committed(commit):
    listing = ["git", "-C", WRAPPER, "ls-tree", "-r", "--name-only", commit, GENERATED]
    return set(subprocess.check_output(listing, text=True).splitlines())


def read(commit, path):
    return subprocess.check_output(
        ["git", "-C", WRAPPER, "cat-file", "blob", f"{commit}:{path}"]
    )


@pytest.mark.parametrize(("tag", "commit"), COMMITS.items(), ids=COMMITS)
def test_as_committed(tmp_path, tag, commit):
    tree = tmp_path / "tree"
    upstream.materialise(upstream.resolve(UPSTREAM, tag), tree)
    [chosen] = configuration.load(["darwin-metal-jit"], {})
    folders = {
        "metal-jit": GENERATED,
        "cpu-preamble": GENERATED,
        "metal-kernels": f"{GENERATED}/metal",
    }
    made = generate(tree, [evaluate(tree, chosen)], {kind: {} for kind in folders})
    ours = {
        f"{folders[kind]}/{file.path}": file.content
        for kind in made
        for file in made[kind]
    }
    theirs = committed(commit)
    leaking = set()
    for path in sorted(theirs & ours.keys()):
        text = read(commit, path)
        if text != ours[path]:
            leaking.add(path.rpartition("/")[2])
            assert LEAK.sub(b"", text) == ours[path], path
    assert not any(b"/private/" in text for text in ours.values())
    new = tag >= "v0.30.1"
    assert leaking == ({"gemm_nax.cpp", "steel_attention_nax.cpp"} if new else set())
    jit = {path for path in theirs if re.fullmatch(rf"{GENERATED}/\w+\.cpp", path)}
    assert jit == {
        path for path in ours if re.fullmatch(rf"{GENERATED}/\w+\.cpp", path)
    }
    # What the wrapper's hand-written list of kernels has too much.
    assert {path.rpartition("/")[2] for path in theirs - ours.keys()} <= {
        *("bf16.h", "steel_attention.metal")
    }
