import pytest

from mlxport.cli.main import main
from mlxport.sync import configuration
from mlxport.sync.mentions import read_lists
from mlxport.sync.why import explain

CMAKE = """\
cmake_minimum_required(VERSION 3.24)
project(mlx LANGUAGES CXX)
option(MLX_BUILD_GGUF "" ON)
add_library(mlx ops.cpp ops.h)
if(MLX_BUILD_GGUF AND WIN32)
  target_sources(mlx PRIVATE a.cpp)
elseif(APPLE)
  target_sources(mlx PRIVATE b.cpp)
else()
  target_sources(mlx PRIVATE c.cpp)
endif()
if(UNIX)
elseif(APPLE)
  target_sources(mlx PRIVATE d.cpp)
endif()
function(add_more name)
  target_sources(mlx PRIVATE ${name}.cpp)
endfunction()
function(never)
  target_sources(mlx PRIVATE e.cpp)
endfunction()
add_more(f)
add_executable(tool tool.cpp)
add_library(apart apart.cpp)
add_library(linked linked.cpp)
target_link_libraries(mlx PRIVATE $<BUILD_INTERFACE:linked>)
set(FILES unused.cpp)
if("${CMAKE_SYSTEM_NAME}" MATCHES "Darwin")
  add_subdirectory(${CMAKE_CURRENT_SOURCE_DIR}/mac)
endif()
foreach(name IN ITEMS one two)
  if(name STREQUAL "one")
    target_sources(mlx PRIVATE x_${name}.cpp)
  endif()
endforeach()
add_custom_command(OUTPUT made.cpp COMMAND sh make.sh DEPENDS make.sh)
target_sources(mlx PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/made.cpp)
include(early.cmake)
"""
MAC = """\
include(deep.cmake)
"""
NAMES = (
    *("a", "b", "c", "d", "e", "f", "ops", "tool", "apart", "linked", "unused"),
    *("x_one", "x_two", "early", "mac/deep", "alone/own", "nowhere"),
)
FILES = {
    "CMakeLists.txt": CMAKE,
    "mac/CMakeLists.txt": MAC,
    "mac/deep.cmake": "target_sources(mlx PRIVATE ${CMAKE_CURRENT_LIST_DIR}/deep.cpp)\n",
    "alone/CMakeLists.txt": "add_library(own own.cpp)\n",
    "early.cmake": "if(TRUE)\n  return()\nendif()\ntarget_sources(mlx PRIVATE early.cpp)\n",
    "make.sh": "",
    "ops.h": "",
    **{f"{name}.cpp": "" for name in NAMES},
}


@pytest.fixture
def why(write):
    def run(path, config="linux-cpu", **changed):
        tree = write(FILES)
        (chosen,) = configuration.load([config], changed)
        return explain(tree, read_lists(tree), chosen, path)

    return run


@pytest.mark.parametrize(
    ("path", "verdict", "because"),
    [
        pytest.param(
            "ops.cpp", "in", "CMakeLists.txt:4 adds it to the library mlx", id="in"
        ),
        pytest.param(
            "f.cpp",
            "in",
            "CMakeLists.txt:22 adds it to the library mlx",
            id="in a function",
        ),
        pytest.param(
            "linked.cpp",
            "in",
            "CMakeLists.txt:25 adds it to the library linked, which mlx links at "
            "CMakeLists.txt:26",
            id="through a library",
        ),
        pytest.param(
            "a.cpp",
            "out",
            "CMakeLists.txt:6 names it, but if(MLX_BUILD_GGUF AND WIN32) at "
            "CMakeLists.txt:5 was false",
            id="if",
        ),
        pytest.param(
            "b.cpp",
            "out",
            "CMakeLists.txt:8 names it, but elseif(APPLE) at CMakeLists.txt:7 was false",
            id="elseif",
        ),
        pytest.param("c.cpp", "in", "CMakeLists.txt:10 adds it", id="else"),
        pytest.param(
            "d.cpp",
            "out",
            "CMakeLists.txt:14 names it, but if(UNIX) at CMakeLists.txt:12 was true",
            id="elseif that was not asked",
        ),
        pytest.param(
            "e.cpp",
            "out",
            "CMakeLists.txt:20 names it, but nothing calls never() (CMakeLists.txt:19)",
            id="function that is not called",
        ),
        pytest.param(
            "tool.cpp",
            "out",
            "CMakeLists.txt:23 names it for tool, which is not a library",
            id="program",
        ),
        pytest.param(
            "apart.cpp",
            "out",
            "CMakeLists.txt:24 names it for the library apart, which is not linked",
            id="library apart",
        ),
        pytest.param(
            "unused.cpp",
            "out",
            "CMakeLists.txt:27 names it in set(), which compiles nothing",
            id="variable",
        ),
        pytest.param(
            "ops.h",
            "out",
            "CMakeLists.txt:4 names it, but it is not of a kind that is compiled",
            id="header",
        ),
        pytest.param(
            "mac/deep.cpp",
            "out",
            "mac/deep.cmake:1 names it, but if(${CMAKE_SYSTEM_NAME} MATCHES Darwin), here "
            "'Linux MATCHES Darwin', at CMakeLists.txt:28 was false",
            id="list that is not read",
        ),
        pytest.param(
            "alone/own.cpp",
            "out",
            "alone/CMakeLists.txt:1 names it, but no list reads alone/CMakeLists.txt",
            id="list that nothing reads",
        ),
        pytest.param("x_one.cpp", "in", "CMakeLists.txt:33 adds it", id="loop"),
        pytest.param(
            "x_two.cpp",
            "out",
            "CMakeLists.txt:33 could name it, as x_${name}.cpp, but ran for others only: "
            "if(name STREQUAL one) at CMakeLists.txt:32 was false",
            id="condition in a loop",
        ),
        pytest.param(
            "early.cpp",
            "out",
            "early.cmake:4 names it, but return() at early.cmake:2 ended the list before",
            id="return",
        ),
        pytest.param(
            "nowhere.cpp", "out", "no list of upstream's CMake names it", id="nowhere"
        ),
        pytest.param(
            "made.cpp", "generated", "CMakeLists.txt:37 adds it", id="generated"
        ),
        pytest.param(
            "make.sh",
            "out",
            "it is read to make made.cpp (CMakeLists.txt:37)",
            id="input",
        ),
    ],
)
def test_reasons(why, path, verdict, because):
    reason = why(path)
    assert reason.verdict == verdict
    assert because in reason.because[0]


def test_another_configuration_has_other_reasons(why):
    assert why("b.cpp", config="darwin-metal").verdict == "in"
    assert why("a.cpp", config="windows-cpu").verdict == "in"
    assert why("mac/deep.cpp", config="darwin-metal").because == (
        "mac/deep.cmake:1 adds it to the library mlx",
    )


def test_no_such_file(why):
    assert why("gone.cpp") is None


def test_lists_that_read_each_other(write):
    """A circle that nothing enters ends."""
    start = (
        "cmake_minimum_required(VERSION 3.24)\nproject(mlx)\nadd_library(mlx ops.cpp)\n"
    )
    tree = write(
        {
            "CMakeLists.txt": start,
            "x/CMakeLists.txt": "add_subdirectory(../y)\ntarget_sources(mlx PRIVATE a.cpp)\n",
            "y/CMakeLists.txt": "add_subdirectory(../x)\n",
            "x/a.cpp": "",
            "ops.cpp": "",
        }
    )
    (chosen,) = configuration.load(["linux-cpu"], {})
    reason = explain(tree, read_lists(tree), chosen, "x/a.cpp")
    assert reason.because == (
        "x/CMakeLists.txt:2 names it, but no list reads x/CMakeLists.txt",
    )


@pytest.mark.parametrize(
    ("path", "said"),
    [
        pytest.param(
            "mlx/distributed/mpi/mpi.cpp",
            "darwin-metal-jit, linux-cpu: out\n  mlxport.toml:9 has "
            "mlx/distributed/mpi/no_mpi.cpp compiled in its place\n  upstream: mlx/",
            id="substituted",
        ),
        pytest.param(
            "mlx/distributed/mpi/no_mpi.cpp",
            "in\n  mlxport.toml:9 has it compiled in place of mlx/distributed/mpi/mpi.cpp",
            id="in its place",
        ),
        pytest.param(
            "mlx/backend/cpu/compiled.cpp",
            "darwin-metal-jit: out\n  mlxport.toml:13 drops it\n",
            id="dropped in one",
        ),
        pytest.param(
            "./mlx/backend/cuda/device.cpp",
            "out\n  the CUDA rule: of mlx/backend/cuda nothing is compiled but its stub",
            id="CUDA",
        ),
        pytest.param(
            "mlx/io/gguf.cpp", "MLX_BUILD_GGUF", id="an option of the wrapper's"
        ),
        pytest.param(
            "copy.cpp", "linux-cpu: out\n  it is not made", id="generated in one"
        ),
    ],
)
def test_in_a_wrapper(wrapper, capsys, path, said):
    assert main(["sync", "why", path, "--wrapper", str(wrapper)]) == 0
    out = capsys.readouterr().out
    assert " at v1.0.0 (" in out.splitlines()[0]
    assert said in out


def test_a_path_as_the_wrapper_has_it(wrapper, capsys, monkeypatch):
    monkeypatch.chdir(wrapper)
    assert main(["sync", "why", "Source/Cmlx/mlx/mlx/ops.cpp"]) == 0
    assert capsys.readouterr().out.startswith("mlx/ops.cpp at v1.0.0")


def test_another_revision_and_one_configuration(wrapper, capsys):
    options = ["--wrapper", str(wrapper), "--ref", "v2.0.0", "--config", "linux-cpu"]
    assert main(["sync", "why", "mlx/ops.cpp", *options]) == 0
    out = capsys.readouterr().out
    assert "v2.0.0" in out
    assert "darwin" not in out


def test_without_a_wrapper(built, capsys):
    upstream = ["--upstream", str(built / "upstream"), "--ref", "v1.0.0"]
    options = ["--config", "linux-cpu", "--set", "MLX_BUILD_GGUF=OFF"]
    assert main(["sync", "why", "mlx/io/no_gguf.cpp", *upstream, *options]) == 0
    assert "linux-cpu: in\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["mlx/opps.cpp"], "did you mean mlx/ops.cpp", id="misspelt"),
        pytest.param(["ops.cpp"], "did you mean mlx/ops.cpp?", id="only the name"),
        pytest.param(["mlx/io"], "is a folder", id="folder"),
        pytest.param(["../../etc/passwd"], "no such file", id="outside"),
        pytest.param(["/etc/passwd"], "no such file", id="absolute"),
        pytest.param([""], "no such file", id="empty"),
        pytest.param(
            ["mlx/ops.cpp", "--config", "linux-cuda"],
            "it has: darwin-metal-jit, linux-cpu",
            id="configuration",
        ),
        pytest.param(["mlx/ops.cpp", "--ref", "v9"], "no tag, branch", id="revision"),
        pytest.param(["mlx/ops.cpp", "--set", "x=1"], "'x'\nhint: known", id="setting"),
    ],
)
def test_bad_input(wrapper, capsys, arguments, said):
    assert main(["sync", "why", *arguments, "--wrapper", str(wrapper)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err


def test_a_wrapper_at_no_revision(wrapper, capsys):
    (wrapper / "mlxport.lock").unlink()
    assert main(["sync", "why", "mlx/ops.cpp", "--wrapper", str(wrapper)]) == 2
    assert "name a revision with --ref" in capsys.readouterr().err


def test_an_upstream_without_a_revision(built, capsys):
    upstream = ["--upstream", str(built / "upstream")]
    assert main(["sync", "why", "mlx/ops.cpp", *upstream]) == 2
    assert "--ref" in capsys.readouterr().err
