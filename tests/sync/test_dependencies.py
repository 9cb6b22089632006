import pytest

from . import small

FMT = {"include/fmt/base.h": "1\n", "LICENSE.rst": "MIT\n", "test/a.cc": "\n"}
FOLLOWED = """
[dependencies.fmt]
location = "../fmt"
folder = "Source/Cmlx/fmt"
take = ["/include/"]
"""
WATCHED = '[dependencies.fmt]\nfolder = "Source/Cmlx/fmt"\n'


@pytest.fixture
def fmt(commit):
    commit(FMT, "10.0.0", "fmt")
    return commit(FMT | {"include/fmt/base.h": "2\n"}, "12.1.0", "fmt")


def release(commit, fmt, tag="v2.0.1"):
    commit(small.mlx(tag[1:], fmt=fmt), tag, "mlx")
    commit(small.mlx_c(tag), f"v0.{tag[1:]}", "mlx-c")


def test_a_dependency_follows_what_upstream_fetches(commit, git, fmt, capsys):
    wrapper = small.build(commit, git, more=FOLLOWED)
    assert small.update(wrapper) == 1
    header = wrapper / "Source/Cmlx/fmt/include/fmt/base.h"
    assert header.read_text() == "1\n"
    assert not (wrapper / "Source/Cmlx/fmt/test").exists()
    small.commit_all(git, wrapper)
    release(commit, "12.1.0")
    capsys.readouterr()
    assert small.update(wrapper) == 1
    assert "fmt 10.0.0 (" in capsys.readouterr().out
    assert header.read_text() == "2\n"
    lock = small.read_lock(wrapper)["dependencies"]["fmt"]
    assert (lock["ref"], lock["licences"]) == ("12.1.0", ["LICENSE.rst"])


def test_another_version_may_be_asked_for(commit, git, fmt, capsys):
    wrapper = small.build(commit, git, more=FOLLOWED)
    assert small.update(wrapper, "--to", "fmt=12.1.0") == 1
    assert "note: upstream asks for fmt 10.0.0, not 12.1.0" in capsys.readouterr().out
    assert (wrapper / "Source/Cmlx/fmt/include/fmt/base.h").read_text() == "2\n"


def test_a_folder_kept_by_hand_is_watched(commit, git, capsys):
    commit(
        {"Source/Cmlx/fmt/base.h": "1", "Source/Cmlx/fmt/LICENSE": ""}, None, "wrapper"
    )
    wrapper = small.build(commit, git, more=WATCHED)
    assert small.update(wrapper) == 1
    out = capsys.readouterr().out
    assert "licence Source/Cmlx/fmt/LICENSE" in out
    assert "note: Source/Cmlx/fmt" not in out
    small.commit_all(git, wrapper)
    release(commit, "12.1.0")
    lags = "Source/Cmlx/fmt is as it was when upstream asked for 10.0.0; it asks for 12.1.0 now"
    for _ in range(2):
        assert small.update(wrapper) in (0, 1)
        assert f"note: {lags}" in capsys.readouterr().out
        (
            small.commit_all(git, wrapper, "again")
            if git(wrapper, "status", "-s")
            else None
        )
    (wrapper / "Source/Cmlx/fmt/base.h").write_text("2")
    small.commit_all(git, wrapper)
    assert small.update(wrapper) == 1
    assert "note:" not in capsys.readouterr().out.replace("note: mlx has v3.0.0", "")
    assert small.read_lock(wrapper)["folders"]["fmt"]["ref"] == "12.1.0"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        pytest.param(WATCHED, "there is no folder Source/Cmlx/fmt", id="no folder"),
        pytest.param(
            WATCHED.replace("s.fmt", "s.json"),
            "upstream fetches no json",
            id="not fetched",
        ),
        pytest.param(
            WATCHED + 'take = ["/a/"]\n',
            "take needs a location",
            id="nothing to take from",
        ),
        pytest.param(
            WATCHED.replace("Cmlx/fmt", "Cmlx/mlx/fmt"),
            "is or holds",
            id="inside another",
        ),
        pytest.param(
            FOLLOWED.replace("../fmt", "../gone"), "no such folder", id="no upstream"
        ),
    ],
)
def test_what_is_refused(commit, git, capsys, more, message):
    wrapper = small.build(commit, git, more=more)
    before = small.files(wrapper)
    assert small.update(wrapper) == 2
    assert message in capsys.readouterr().err
    assert small.files(wrapper) == before


@pytest.mark.parametrize(
    ("url", "ref", "tag"),
    [
        pytest.param("https://x/fmt.git", "12.1.0", "12.1.0", id="a tag"),
        pytest.param(
            "https://x/json/releases/download/v3.11.3/json.tar.xz",
            "",
            "v3.11.3",
            id="a release",
        ),
        pytest.param(
            "https://x/a/archive/refs/tags/v1.2.tar.gz",
            "SHA256=0",
            "v1.2",
            id="an archive",
        ),
        pytest.param("https://x/metal-cpp_26.zip", "", None, id="no tag"),
    ],
)
def test_the_tag_of_a_pin(commit, git, url, ref, tag):
    from mlxport.cli.errors import UserError
    from mlxport.sync import dependencies
    from mlxport.sync.config import read_config
    from mlxport.sync.filelists import Dependency

    wrapper = small.build(commit, git, more=FOLLOWED)
    [dependency] = read_config(wrapper).dependencies
    pin = Dependency("fmt", url, ref)
    if tag is None:
        with pytest.raises(UserError, match=r"names no tag"):
            dependencies.tag(dependency, pin)
    else:
        assert dependencies.tag(dependency, pin) == tag
