import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlxport.sync.cmakefile import parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("a()", [("a", (), 1)], id="no argument"),
        pytest.param("\nSet( x\n  y )", [("set", ("x", "y"), 2)], id="lines"),
        pytest.param('a("x y" z)', [("a", ("x y", "z"), 1)], id="quotes"),
        pytest.param('a("x\\"y")', [("a", ('x\\"y',), 1)], id="escaped quote"),
        pytest.param('a("\n")b()', [("a", ("\n",), 1), ("b", (), 2)], id="quoted line"),
        pytest.param("a([=[x ]] (]=])", [("a", ("x ]] (",), 1)], id="brackets"),
        pytest.param("# a(b)\nc(d) # e(f)", [("c", ("d",), 2)], id="comment"),
        pytest.param(
            "#[[ a(\n) ]]b(#[[c]]d)", [("b", ("d",), 2)], id="bracket comment"
        ),
        pytest.param(
            "a(x (y) z)", [("a", ("x", "(", "y", ")", "z"), 1)], id="parentheses"
        ),
        pytest.param("a(${x}/y.cpp)", [("a", ("${x}/y.cpp",), 1)], id="variable"),
        pytest.param('a(-DX="y z")', [("a", ('-DX="y z"',), 1)], id="quotes within"),
        pytest.param("a(x", [], id="never closed"),
        pytest.param("(x)", [], id="no name"),
        pytest.param(")a(x)", [("a", ("x",), 1)], id="closed too often"),
    ],
)
def test_commands(text, expected):
    assert [(c.name, c.arguments, c.line) for c in parse(text)] == expected


BLOCKS = """\
function(f n)
  if(A)
    one()
  elseif(B AND "C")
    foreach(x y)
      two()
    endforeach()
  else()
    three()
  endif()
endfunction()
four()
"""


@pytest.mark.parametrize(
    ("name", "blocks"),
    [
        pytest.param("one", [["function(f n)"], ["if(A)"]], id="if"),
        pytest.param(
            "two",
            [["function(f n)"], ["if(A)", "elseif(B AND C)"], ["foreach(x y)"]],
            id="elseif",
        ),
        pytest.param(
            "three",
            [["function(f n)"], ["if(A)", "elseif(B AND C)", "else()"]],
            id="else",
        ),
        pytest.param("four", [], id="outside"),
    ],
)
def test_blocks(name, blocks):
    (command,) = (c for c in parse(BLOCKS) if c.name == name)
    assert [[str(branch) for branch in block] for block in command.blocks] == blocks


def test_a_branch_knows_where_it_ends():
    (command,) = (c for c in parse(BLOCKS) if c.name == "three")
    assert [(b.line, b.end) for b in command.blocks[1]] == [(2, 4), (4, 8), (8, 10)]


@pytest.mark.parametrize("text", ["endif()\na()", "else()\na()", "endfoo()\na()"])
def test_what_ends_nothing_is_passed_over(text):
    assert list(parse(text))[-1].name == "a"


def test_parentheses_without_a_name_are_no_command():
    assert list(parse("()\n")) == []


@given(st.text(alphabet='ab()[]="#\\\n ${}', max_size=60))
def test_any_text_is_read(text):
    for command in parse(text):
        assert 1 <= command.line <= text.count("\n") + 1
