from pathlib import PurePosixPath

import pytest

from mlxport.sync.filelists import Dependency
from mlxport.sync.lock import Lock, Locked, WrapperLists
from mlxport.sync.snapshot import Differences
from mlxport.sync.summary import describe
from mlxport.sync.update import Plan


def lock(
    commit, sources=("a.cpp",), generated=(), defines=("X",), standard="c++17", pin="1"
):
    lists = WrapperLists(
        sources, generated, defines, standard, (Dependency("fmt", "https://fmt", pin),)
    )
    return locking(locked(commit, {"mac": lists}))


def locked(commit, configurations, folder="lib", licences=()):
    return Locked(
        location="u",
        mode="snapshot",
        ref=f"v{commit}",
        commit=commit * 40,
        tree="t",
        folder=folder,
        vendored="h",
        patches={},
        licences=licences,
        configurations=configurations,
    )


def locking(mlx, **others):
    return Lock({"mlx": mlx, **others}, {}, {})


def lines(before, after, new=None):
    files = {"mlx": Differences(("a",), (), ("b", "c"))}
    return describe(Plan(before, after, new or {}, files, (), {}, ())).splitlines()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param({"sources": ("b.cpp",)}, ["  - a.cpp", "  + b.cpp"], id="sources"),
        pytest.param(
            {"generated": ("g.cpp",)}, ["  + generated g.cpp"], id="first generated"
        ),
        pytest.param(
            {"standard": "c++20"}, ["  standard c++17 -> c++20"], id="standard"
        ),
        pytest.param({"defines": ()}, ["  define X removed"], id="define removed"),
        pytest.param({"defines": ("X", "Y")}, ["  define Y added"], id="define added"),
        pytest.param(
            {"defines": ("X", "Y=1")}, ["  define Y 1 added"], id="with a value"
        ),
        pytest.param({"defines": ("X=1",)}, ["  define X  -> 1"], id="given a value"),
        pytest.param({"pin": "2"}, ["  dependency fmt 1 -> 2"], id="dependency"),
    ],
)
def test_what_changes_in_a_configuration(changed, said):
    found = lines(lock("1"), lock("2", **changed))
    assert found[0] == "mlx v1 (111111111111) -> v2 (222222222222)"
    assert found[1].startswith("mac: ")
    assert found[2:] == said


def test_the_first_update_lists_nothing_as_new():
    assert lines(None, lock("1")) == [
        "mlx v1 (111111111111), for the first time",
        "mac: 1 sources, 0 generated",
    ]


def test_what_is_written_is_named():
    new = {PurePosixPath("lib"): b"", PurePosixPath("Package.swift"): b""}
    assert lines(lock("1"), lock("1"), new)[-2:] == [
        "1 files added, 0 removed and 2 changed in lib",
        "writes Package.swift",
    ]


def test_a_configuration_that_is_gone_is_named():
    after = locking(locked("2", {}))
    assert lines(lock("1"), after)[1:] == ["mac: not built any more"]


def test_several_upstreams_are_told_apart():
    mac = lock("1").main.configurations
    before = locking(locked("1", mac), c=locked("3", mac, "c", ("LICENSE",)))
    after = locking(locked("2", mac), d=locked("4", mac, "d", ("LICENSE",)))
    assert lines(before, after) == [
        "mlx v1 (111111111111) -> v2 (222222222222)",
        "mlx, mac: 1 sources, 0 generated",
        "d v4 (444444444444), for the first time",
        "d, mac: 1 sources, 0 generated",
        "c: not kept up to date any more",
        "licence d/LICENSE",
        "licence c/LICENSE is gone",
    ]
