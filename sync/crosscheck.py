"""Compare what the two ways to evaluate upstream's lists found."""

from collections.abc import Iterator
from dataclasses import fields

from mlxport.cli.errors import UserError

from .filelists import FileLists

# The quick evaluation does not see which options a tree reads.
SEQUENCES = tuple(
    field.name
    for field in fields(FileLists)
    if field.name not in ("config", "standard", "unused_options")
)


def check_equal(exact: FileLists, quick: FileLists) -> None:
    """Raise UserError, with the files that differ, unless both found the same."""
    if found := list(_differences(exact, quick)):
        raise UserError(
            f"two evaluations of configuration {exact.config} differ, the whole one and "
            f"the quick one: {'; '.join(found[:5])}"
            + (f"; {len(found) - 5} more" if len(found) > 5 else ""),
            hint="please report it, with upstream's revision; until then "
            "--no-cross-check takes the whole one",
        )


def _differences(exact: FileLists, quick: FileLists) -> Iterator[str]:
    for name in SEQUENCES:
        whole, other = set(getattr(exact, name)), set(getattr(quick, name))
        for item in sorted(whole - other):
            yield f"{_described(item)} only in the whole"
        for item in sorted(other - whole):
            yield f"{_described(item)} only in the quick"
    if exact.standard != quick.standard:
        yield f"{exact.standard or 'no standard'} and {quick.standard or 'no standard'}"


def _described(item: object) -> str:
    if isinstance(item, str):
        return item
    name = getattr(item, "path", None) or getattr(item, "name", "")
    origin = getattr(item, "origin", "")
    return f"{name} ({origin})" if origin else str(name)
