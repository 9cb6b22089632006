"""What holds for any recipe: its examples, and that running it twice changes nothing."""

import ast

import pytest

from mlxport.codemods.editing import migrate_text
from mlxport.codemods.registry import all_recipes
from mlxport.codemods.versions import RELEASES

RECIPES = all_recipes()
EXAMPLES = [
    pytest.param(recipe, before, after, id=f"{recipe.name}: {title}")
    for recipe in RECIPES.values()
    for title, (before, after) in recipe.examples.items()
]


@pytest.mark.parametrize(("recipe", "before", "after"), EXAMPLES)
def test_example(recipe, before, after):
    assert migrate_text(before, [recipe])[0] == after


@pytest.mark.parametrize(("recipe", "before", "after"), EXAMPLES)
def test_twice_changes_nothing(recipe, before, after):
    assert migrate_text(after, [recipe])[0] == after
    ast.parse(after)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_triggers_let_the_examples_through(recipe):
    edited = [before for before, after in recipe.examples.values() if before != after]
    assert edited
    assert all(recipe.may_apply(before.encode()) for before in edited)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_leaves_something_alone(recipe):
    assert any(before == after for before, after in recipe.examples.values())


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_says_what_it_is_for(recipe):
    assert recipe.summary.endswith((".", "mode."))
    assert recipe.since in RELEASES
    assert recipe.severity
