"""Lines that an insertion made too long."""

import ast

import pytest

from mlxport.codemods.layout import break_lines

A, B, C = "a" * 30, "b" * 30, "c" * 30


@pytest.mark.parametrize(
    ("line", "broken"),
    [
        pytest.param(
            f"f({A}, {B}, new=1)\n", f"f({A}, {B}, new=1)\n", id="short enough"
        ),
        pytest.param(
            f"  x = f({A}, {B}, y={C}, new=1)\n",
            f"  x = f(\n      {A},\n      {B},\n      y={C},\n      new=1,\n  )\n",
            id="one a line",
        ),
        pytest.param(
            f"long_name = f({A}, {B}, long_one, new=1)\n",
            f"long_name = f(\n    {A}, {B}, long_one, new=1\n)\n",
            id="all on the next line",
        ),
        pytest.param(
            f"\tx = f({A}, {B}, y={C}, new=1)\n",
            f"\tx = f(\n\t\t{A},\n\t\t{B},\n\t\ty={C},\n\t\tnew=1,\n\t)\n",
            id="tabs",
        ),
        pytest.param(
            f"x = f(\r\n    {A}, {B}, y={C}, new=1\r\n)\r\n",
            f"x = f(\r\n    {A},\r\n    {B},\r\n    y={C},\r\n    new=1,\r\n)\r\n",
            id="a line between brackets",
        ),
        pytest.param(
            f"x = g(f({A}, {B}, y={C}, new=1))\n",
            f"x = g(\n    f(\n        {A},\n        {B},\n        y={C},\n        new=1,\n    )\n)\n",
            id="a call in a call",
        ),
        pytest.param(
            f"long_name = [f({A}, new=1) for y, {B} in zs]\n",
            f"long_name = [\n    f({A}, new=1) for y, {B} in zs\n]\n",
            id="a comprehension",
        ),
    ],
)
def test_break(line, broken):
    after = break_lines("", line, [line.index("new")])
    assert after == broken
    assert ast.dump(ast.parse(after.strip())) == ast.dump(ast.parse(line.strip()))


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(f"f({A}, {B}, {C}, new=1)  # why\n", id="a comment"),
        pytest.param(f"{A}, {B}, {C}), f(new=1)\n", id="brackets of another line"),
        pytest.param(f"f({A}, {B}, {C}, new=1, '''\n'''\n", id="an open string"),
        pytest.param(f"x = {A}, {B}, {C}, new=1\nf()\n", id="no brackets"),
    ],
)
def test_leave(line):
    assert break_lines("", line, [line.index("new")]) == line


def test_a_line_that_was_long_before_stays():
    line = f"f({A}, {B}, {C}, new=1)\n"
    assert break_lines(line, line, [line.index("new")]) == line
