from dataclasses import replace

import pytest

from mlxport.cli.errors import UserError
from mlxport.sync import configuration
from mlxport.sync.crosscheck import check_equal
from mlxport.sync.evaluation import cross_checked, evaluate
from mlxport.sync.filelists import Dependency, FileLists, Generated, Library, Source

LISTS = FileLists(
    config="linux-cpu",
    sources=(Source("a.cpp", "CMakeLists.txt:1"), Source("b.cpp", "CMakeLists.txt:2")),
    generated=(Generated("made.cpp", "CMakeLists.txt:3"),),
    defines=("ONE",),
    standard="c++17",
    dependencies=(Dependency("fmt", "https://example.org/fmt", "1"),),
    linked=(Library("jaccl", (Source("c.cpp", "lib/CMakeLists.txt:1"),)),),
)


def test_equal_lists_pass():
    check_equal(LISTS, replace(LISTS, unused_options=("MLX_BUILD_GGUF",)))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param(
            {"sources": LISTS.sources[:1]},
            "b.cpp (CMakeLists.txt:2) only in the whole",
            id="a file less",
        ),
        pytest.param(
            {"sources": (*LISTS.sources, Source("x.cpp", "CMakeLists.txt:9"))},
            "x.cpp (CMakeLists.txt:9) only in the quick",
            id="a file more",
        ),
        pytest.param(
            {"sources": (Source("a.cpp", "CMakeLists.txt:8"), LISTS.sources[1])},
            "a.cpp (CMakeLists.txt:1) only in the whole; a.cpp (CMakeLists.txt:8) only",
            id="another origin",
        ),
        pytest.param({"generated": ()}, "made.cpp (CMakeLists.txt:3)", id="generated"),
        pytest.param({"defines": ("TWO",)}, "ONE only in the whole; TWO", id="define"),
        pytest.param({"dependencies": ()}, "fmt only in the whole", id="dependency"),
        pytest.param({"linked": ()}, "jaccl only in the whole", id="library"),
        pytest.param({"standard": ""}, "c++17 and no standard", id="standard"),
        pytest.param(
            {"sources": tuple(Source(f"{n}.cpp", "") for n in range(9))},
            "; 6 more",
            id="many",
        ),
    ],
)
def test_a_difference_is_named(changed, said):
    with pytest.raises(UserError) as caught:
        check_equal(LISTS, replace(LISTS, **changed))
    assert said in caught.value.message
    assert "linux-cpu" in caught.value.message
    assert "report" in caught.value.hint


START = """cmake_minimum_required(VERSION 3.24)
project(mlx LANGUAGES CXX)
add_library(mlx ops.cpp)
"""


@pytest.fixture
def chosen():
    (chosen,) = configuration.load(["linux-cpu"], {})
    return chosen


def test_both_ways_agree(write, chosen):
    tree = write({"CMakeLists.txt": START, "ops.cpp": ""})
    assert cross_checked(tree, chosen) == evaluate(tree, chosen)


def test_ways_that_differ(write, chosen):
    """Nothing but a script knows CMAKE_SCRIPT_MODE_FILE."""
    cmake = (
        START + "if(CMAKE_SCRIPT_MODE_FILE)\ntarget_sources(mlx PRIVATE x.cpp)\nendif()"
    )
    tree = write({"CMakeLists.txt": cmake, "ops.cpp": "", "x.cpp": ""})
    with pytest.raises(
        UserError, match=r"x\.cpp \(CMakeLists\.txt:5\) only in the quick"
    ):
        cross_checked(tree, chosen)


def test_what_both_refuse_is_said_once(write, chosen):
    tree = write({"CMakeLists.txt": START + "find_program(X swiftc)"})
    with pytest.raises(UserError, match="does not answer: find_program"):
        cross_checked(tree, chosen)
