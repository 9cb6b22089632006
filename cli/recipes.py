"""Tell one part which recipes another has, since the parts do not know each other."""

import re
from collections.abc import Collection


def migrating(
    name: str, parameters: Collection[str], before: str, after: str
) -> tuple[str, ...]:
    """Return the recipes for code that calls MLX's function `name`, sorted.

    They are those that an update from version `before` to `after` needs, and that write
    one of the `parameters` that changed, if any did.
    """
    from mlxport.codemods.registry import select_recipes
    from mlxport.codemods.versions import parse_version

    try:
        start, target = parse_version(before), parse_version(after)
    except ValueError:
        # A development version has no place among the releases.
        return ()
    return tuple(
        recipe.name
        for recipe in select_recipes((), (), start, target)
        if any(trigger.decode() in name for trigger in recipe.triggers)
        and (
            not parameters
            or not _written(recipe.examples.values()).isdisjoint(parameters)
        )
    )


def _written(examples: Collection[tuple[str, str]]) -> set[str]:
    """Return the words that are in the code after a migration and were not before."""
    return {
        word
        for before, after in examples
        for word in set(re.findall(r"\w+", after)) - set(re.findall(r"\w+", before))
    }
