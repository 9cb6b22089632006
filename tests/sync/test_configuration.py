import pytest

from mlxport.cli.errors import UserError
from mlxport.sync import configuration


def test_the_folder_is_the_registry():
    names = configuration.known()
    assert {"darwin-metal-jit", "linux-cpu"} <= set(names)
    assert [chosen.name for chosen in configuration.load([], {})] == list(names)


def test_a_parameter_reaches_what_names_it():
    (chosen,) = configuration.load(["darwin-metal-jit"], {"macos_sdk": "14.5"})
    assert chosen.processes["--show-sdk-version"] == "14.5"
    assert chosen.processes["sw_vers -productVersion"] == "14.5"
    assert chosen.options["MLX_METAL_JIT"] == "ON"


def test_a_key_applies_where_it_is_known():
    changed = {"macos_sdk": "14.5", "MLX_BUILD_GGUF": "OFF"}
    darwin, linux = configuration.load(["darwin-metal", "linux-cpu"], changed)
    assert darwin.processes["--show-sdk-version"] == "14.5"
    assert linux.options["MLX_BUILD_GGUF"] == darwin.options["MLX_BUILD_GGUF"] == "OFF"


def test_a_name_given_twice_counts_once():
    assert len(configuration.load(["linux-cpu", "linux-cpu"], {})) == 1


def test_only_cuda_configurations_build_cuda():
    assert [c.name for c in configuration.load([], {}) if c.is_cuda] == ["linux-cuda"]


@pytest.mark.parametrize(
    ("names", "changed", "message", "hint"),
    [
        pytest.param(["beos"], {}, "no configuration 'beos'", "linux-cpu", id="name"),
        pytest.param(["../x"], {}, "no configuration", "known:", id="path"),
        pytest.param(["gone.toml"], {}, "no configuration", "known:", id="file"),
        pytest.param(
            ["darwin-metal"],
            {"macos_skd": "14"},
            "has a parameter 'macos_skd'",
            "did you mean macos_sdk?",
            id="key",
        ),
        pytest.param(
            ["linux-cpu"],
            {"macos_sdk": "14"},
            "has a parameter 'macos_sdk'",
            "processor",
            id="key of another configuration",
        ),
        pytest.param(
            ["darwin-metal"],
            {"macos_sdk": "new"},
            "'new' is no value for macos_sdk",
            "match",
            id="value",
        ),
        pytest.param(
            ["linux-cpu"],
            {"MLX_BUILD_GGUF": "$<1:ON>"},
            "is no value for MLX_BUILD_GGUF",
            "match",
            id="value of an option",
        ),
    ],
)
def test_bad_input(names, changed, message, hint):
    with pytest.raises(UserError) as caught:
        configuration.load(names, changed)
    assert message in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("target = ", "is not TOML", id="not TOML"),
        pytest.param("[options]", "lacks `target`", id="no target"),
        pytest.param("target = 'x'\nfind = 3", "is not a string", id="number"),
        pytest.param("target = 'x'\ntypo = 'y'", "unknown key 'typo'", id="key"),
        pytest.param("target = 'x'\nname = 'y'", "unknown key 'name'", id="own name"),
        pytest.param("target = '{x}'", "names no parameter", id="parameter"),
        pytest.param("target = 'x'\nfind = 'y'", "is not a table", id="no table"),
        pytest.param(
            "target = 'x'\n[packages]\nX = {fund = 'ON'}", "not a config", id="package"
        ),
        pytest.param("target = 'x'\noptions = 3", "is not a string", id="options"),
        pytest.param(
            "[parameters.x]\ndefault = ''\npattern = '('", "not a config", id="pattern"
        ),
        pytest.param("[parameters.x]\ndefault = ''", "not a config", id="no pattern"),
        pytest.param("base = 'beos'", "no configuration 'beos'", id="base"),
        pytest.param("base = 'mine'", "base of itself", id="loop"),
    ],
)
def test_a_bad_file(tmp_path, text, message):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(UserError) as caught:
        configuration.load([str(path)], {})
    assert message in str(caught.value)


def test_a_file_of_the_caller(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('base = "linux-cpu"\n[find]\nomp = "ON"\n')
    (chosen,) = configuration.load([str(path)], {})
    assert (chosen.name, chosen.file) == ("mine", path)
    assert chosen.find["omp"] == "ON"
    assert chosen.find["ccache"] == "OFF"


def test_a_file_of_the_caller_gives_a_parameter_another_value(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('base = "darwin-metal"\n[parameters]\nmacos_sdk = "15.2"\n')
    (chosen,) = configuration.load([str(path)], {})
    (base,) = configuration.load(["darwin-metal"], {"macos_sdk": "15.2"})
    assert chosen.processes == base.processes
    path.write_text(path.read_text().replace("15.2", "new"))
    with pytest.raises(UserError, match="'new' is no value for macos_sdk"):
        configuration.load([str(path)], {})


@pytest.mark.parametrize("pair", ["macos_sdk", "=14", ""])
def test_settings_are_pairs(pair):
    with pytest.raises(UserError, match="KEY=VALUE"):
        configuration.settings([pair])


def test_a_value_may_hold_an_equals_sign_or_nothing():
    assert configuration.settings(["a=b=c", "d="]) == {"a": "b=c", "d": ""}
