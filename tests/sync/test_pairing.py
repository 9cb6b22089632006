import pytest

from . import small


@pytest.fixture
def pair(commit, git):
    return small.build(commit, git)


def refs(wrapper):
    lock = small.read_lock(wrapper)
    return {name: one["ref"] for name, one in lock["upstreams"].items()}


@pytest.mark.parametrize(
    ("arguments", "found", "note"),
    [
        pytest.param(
            [],
            {"mlx": "v2.0.0", "mlx-c": "v0.2.0"},
            "note: mlx has v3.0.0, but no release of mlx-c is made for it",
            id="newest that fit",
        ),
        pytest.param(
            ["--to", "v1.0.0"], {"mlx": "v1.0.0", "mlx-c": "v0.1.0"}, "", id="older"
        ),
        pytest.param(
            ["--to", "mlx-c=v0.1.0"],
            {"mlx": "v1.0.0", "mlx-c": "v0.1.0"},
            "",
            id="by the second",
        ),
        pytest.param(
            ["--to", "v3.0.0", "--to", "mlx-c=v0.2.0", "--unpaired"],
            {"mlx": "v3.0.0", "mlx-c": "v0.2.0"},
            "note: mlx-c v0.2.0 is made for mlx v2.0.0, not for v3.0.0",
            id="unpaired",
        ),
    ],
)
def test_the_revisions_that_are_taken(pair, capsys, arguments, found, note):
    assert small.update(pair, *arguments) == 1
    out = capsys.readouterr().out
    assert refs(pair) == found
    assert note in out
    assert ("note:" in out) == bool(note)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            ["--to", "v3.0.0"],
            "no release of mlx-c is made for mlx v3.0.0; v0.2.0 is made for v2.0.0",
            id="no partner",
        ),
        pytest.param(
            ["--to", "v1.0.0", "--to", "mlx-c=v0.2.0"],
            "mlx-c v0.2.0 is made for mlx v2.0.0, not for v1.0.0",
            id="wrong partner",
        ),
        pytest.param(["--to", "x=v1"], "no upstream 'x'", id="unknown name"),
        pytest.param(["--upstream", "mlx"], "is not NAME=", id="no location"),
        pytest.param(["--upstream", "x=y"], "no upstream 'x'", id="unknown location"),
    ],
)
def test_what_does_not_belong_together_is_refused(pair, capsys, arguments, message):
    before = small.files(pair)
    assert small.update(pair, *arguments) == 2
    assert message in capsys.readouterr().err
    assert small.files(pair) == before


def test_the_main_branch_stands_in_for_a_release(pair, commit):
    commit(small.mlx_c("v3.0.0"), None, "mlx-c")
    assert small.update(pair, "--to", "v3.0.0") == 1
    assert refs(pair) == {"mlx": "v3.0.0", "mlx-c": "main"}


def test_both_lists_lie_in_one_manifest(pair):
    assert small.update(pair) == 1
    manifest = (pair / "Package.swift").read_text()
    assert '"mlx-c/c/distributed.cpp"' in manifest
    assert '.define("MLX_VERSION", to: "\\"2\\"")' in manifest
    lists = {
        name: one["configurations"]["linux-cpu"]["sources"]
        for name, one in small.read_lock(pair)["upstreams"].items()
    }
    assert lists == {"mlx": ["mlx/a.cpp", "mlx/b.cpp"], "mlx-c": ["c/a.cpp"]}


def test_choices_for_the_second_upstream_in_one_configuration(commit, git):
    wrapper = small.build(
        commit, git, configuration='mlx-c = { drop = ["c/a.cpp", "c/gone.cpp?"] }'
    )
    assert small.update(wrapper) == 1
    lock = small.read_lock(wrapper)["upstreams"]["mlx-c"]
    assert lock["configurations"]["linux-cpu"]["sources"] == []


def test_a_location_of_this_time_only(pair, tmp_path):
    (tmp_path / "mlx").rename(tmp_path / "mirror")
    assert small.update(pair) == 2
    assert small.update(pair, "--upstream", f"mlx={tmp_path / 'mirror'}") == 1
    assert small.read_lock(pair)["upstreams"]["mlx"]["location"] == "../mlx"
