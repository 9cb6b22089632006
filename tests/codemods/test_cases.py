"""Whole files before and after, and what is reported about them."""

from pathlib import Path

import pytest

from mlxport.codemods.editing import migrate_text
from mlxport.codemods.registry import all_recipes

CASES = sorted((Path(__file__).parent / "cases").glob("*.py"))
RECIPES = list(all_recipes().values())


def parts(case):
    before, _, after = case.read_text().partition("# after\n")
    return before, after


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_case(case):
    before, after = parts(case)
    assert migrate_text(before, RECIPES)[0] == after


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_second_run_changes_nothing(case):
    _, after = parts(case)
    assert migrate_text(after, RECIPES)[0] == after


@pytest.mark.parametrize(
    ("name", "lines", "reason"),
    [
        pytest.param("quantized_layer", [], "", id="a layer is done completely"),
        pytest.param("functions", [], "", id="functions are done completely"),
        pytest.param(
            "kv_cache", [8, 10, 20, 21, 26, 27, 38, 39, 48], "KV cache", id="KV cache"
        ),
        pytest.param("fuse", [33], "type of switch", id="unknown type"),
        pytest.param("fuse", [45], "args.bits is configuration", id="arguments"),
        pytest.param("fuse", [46], 'no "mode"', id="a dict that is stored"),
    ],
)
def test_review(name, lines, reason):
    before, _ = parts(Path(__file__).parent / "cases" / f"{name}.py")
    _, findings = migrate_text(before, RECIPES)
    reviews = [found for found in findings if found.action == "review"]
    assert [found.line for found in reviews if reason in found.reason] == lines
