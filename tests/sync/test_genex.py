import pytest

from mlxport.cli.errors import UserError
from mlxport.sync.genex import evaluated

FACTS = {"COMPILE_LANGUAGE": "CXX", "PLATFORM_ID": "Darwin", "CONFIG": ""}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("a.cpp", "a.cpp", id="plain"),
        pytest.param("$<BUILD_INTERFACE:jaccl>", "jaccl", id="build"),
        pytest.param("x$<INSTALL_INTERFACE:include>y", "xy", id="install"),
        pytest.param("$<1:a;b>c", "a;bc", id="true"),
        pytest.param("$<0:a>", "", id="false"),
        pytest.param("$<$<COMPILE_LANGUAGE:CXX,CUDA>:A>", "A", id="language"),
        pytest.param("$<$<COMPILE_LANGUAGE:CUDA>:A>", "", id="another language"),
        pytest.param("$<PLATFORM_ID>", "Darwin", id="name"),
        pytest.param("$<$<NOT:$<PLATFORM_ID:Linux>>:A>", "A", id="not"),
        pytest.param("$<$<CONFIG:Debug>:A>", "", id="no build type"),
        pytest.param("$<AND:1,1>$<AND:1,0>$<OR:0,1>$<OR:0,0>", "1010", id="and, or"),
        pytest.param(
            "$<BOOL:X>$<BOOL:off>$<BOOL:a-NOTFOUND>$<BOOL:>", "1000", id="bool"
        ),
        pytest.param("$<STREQUAL:a,a>$<STREQUAL:a,b>", "10", id="equal"),
    ],
)
def test_values(text, value):
    assert evaluated(text, FACTS, "CMakeLists.txt:1") == value


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("$<TARGET_OBJECTS:x>", id="needs targets"),
        pytest.param("$<1:$<TARGET_FILE:x>>", id="inside"),
        pytest.param("$<NOT:x>", id="no truth value"),
        pytest.param("$<1:a", id="not closed"),
        pytest.param("$<>", id="empty"),
    ],
)
def test_what_is_not_known_is_an_error(text):
    with pytest.raises(UserError, match="needs a whole run") as caught:
        evaluated(text, FACTS, "CMakeLists.txt:1")
    assert caught.value.where == "CMakeLists.txt:1"
