"""Run recipes over one source text, and see that what comes out is Python."""

import ast
import difflib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from .changes import Edit, Note, Overlap, apply_edits
from .layout import break_lines
from .names import NEWLINE, SourceModule
from .registry import Recipe


@dataclass(frozen=True)
class Finding:
    """One place: `line` counts from 1 in the file as it was."""

    line: int
    recipe: str
    severity: str
    action: str
    reason: str


def migrate_text(text: str, recipes: Sequence[Recipe]) -> tuple[str, list[Finding]]:
    """Return what the recipes make of a source text, and a finding for each place.

    Raises `libcst.ParserSyntaxError` if the text is not Python.
    """
    after, findings = text, list[Finding]()
    module: SourceModule | None = None
    for recipe in recipes:
        if module is None or module.text != after:
            module = SourceModule(after)
        rewrite = recipe.rewrite(module)
        notes = [("review", note) for note in rewrite.notes]
        try:
            edited = edit_text(after, rewrite.edits)
        except (Overlap, NotPython) as error:
            edited = after
            notes.append(
                ("review", Note(1, f"left as it was, a bug in the recipe: {error}"))
            )
        else:
            notes += [("edited", note) for note in rewrite.done]
        back = _LineMap(text, after)
        findings += [
            Finding(back[note.line], recipe.name, recipe.severity, action, note.reason)
            for action, note in notes
        ]
        after = edited
    return after, sorted(
        set(findings), key=lambda f: (f.line, f.recipe, f.action, f.reason)
    )


def refuse_depth(text: str) -> None:
    """Raise `RecursionError` where nesting would overflow the stack of LibCST's parser."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except MemoryError:
            raise RecursionError from None
        except (SyntaxError, ValueError) as error:
            # Anything else is for LibCST to judge: it knows newer syntax than Python does.
            if "too many nested parentheses" in str(error):
                raise RecursionError from None


class NotPython(Exception):
    """Edits made a text that does not parse any more."""


def edit_text(text: str, edits: Sequence[Edit]) -> str:
    """Apply edits and break the lines they made too long; raise `NotPython` for nonsense."""
    if not edits:
        return text
    edited, places = apply_edits(text, edits)
    broken = break_lines(text, edited, places)
    tree = _parsed(edited)
    if tree is None and _parsed(text) is not None:
        raise NotPython("the result does not parse")
    if tree is None:
        # This interpreter is too old for the syntax of the file; LibCST is not.
        try:
            cst.parse_module(edited)
        except cst.ParserSyntaxError as error:
            raise NotPython(error.message) from None
        return edited
    return broken if _parsed(broken) == tree else edited


def _parsed(text: str) -> str | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.dump(ast.parse(text))
        except (SyntaxError, ValueError):
            return None


class _LineMap:
    """Find the line of the first text that a line of the second one comes from."""

    def __init__(self, before: str, after: str) -> None:
        self.blocks: list[tuple[int, int, int]] = []
        if before != after:
            lines = NEWLINE.split(before), NEWLINE.split(after)
            matcher = difflib.SequenceMatcher(None, *lines, autojunk=False)
            self.blocks = [(a, b, size) for a, b, size in matcher.get_matching_blocks()]

    def __getitem__(self, line: int) -> int:
        result = line
        for before, after, size in self.blocks:
            if after >= line:
                break
            result = before + min(line - after, size)
        return max(result, 1)
