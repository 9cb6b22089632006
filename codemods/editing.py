"""Run recipes over one source text, and see that what comes out is Python."""

import ast
import difflib
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import libcst as cst

from .changes import Edit, Note, Overlap, Rewrite, apply_edits
from .layout import break_lines
from .names import NEWLINE, SourceModule
from .program import Program, one_module
from .registry import Recipe
from .suppression import ignored_lines

BUG = "left as it was, a bug in the recipe"


@dataclass(frozen=True)
class Finding:
    """One place: `line` counts from 1 in the file as it was."""

    line: int
    recipe: str
    severity: str
    action: str
    reason: str


@dataclass
class Draft:
    """A file during a run: what it was, what it is by now, and what was found."""

    before: str
    after: str
    findings: list[Finding] = field(default_factory=list)

    def take(
        self, recipe: Recipe, edited: str, actions: Iterable[tuple[str, Note]]
    ) -> None:
        """Take what a recipe made of the text, and what it says of its lines."""
        back = _LineMap(self.before, self.after)
        ignored = ignored_lines(self.before, recipe.name)
        self.findings += [
            Finding(
                line=back[note.line],
                recipe=recipe.name,
                severity=note.severity or recipe.severity,
                action=action,
                reason=note.reason,
            )
            for action, note in actions
            if back[note.line] not in ignored
        ]
        self.after = edited


def migrate_text(text: str, recipes: Sequence[Recipe]) -> tuple[str, list[Finding]]:
    """Return what the recipes make of a source text, and a finding for each place.

    Raises `libcst.ParserSyntaxError` if the text is not Python.
    """
    program = one_module(text)
    (draft,) = migrate_program(program, recipes).values()
    return draft.after, draft.findings


def migrate_program(
    program: Program, recipes: Sequence[Recipe], held: Mapping[str, str] | None = None
) -> dict[Path, Draft]:
    """Return what the recipes make of the modules of a program, by their files.

    What a recipe for whole programs asks for is done in all files or in none. The recipes
    that are `held` back, each for a reason, edit nothing: their findings say "left".
    """
    held = held or {}
    drafts: dict[Path, Draft] = {}
    for recipe in recipes:
        if recipe.rewrite_program is not None:
            _rewrite_program(program, recipe, drafts, held.get(recipe.name))
    for path, module in program.modules.items():
        draft = drafts.setdefault(path, Draft(module.text, module.text))
        for recipe in recipes:
            if recipe.rewrite is not None:
                if module.text != draft.after:
                    module = SourceModule(draft.after)
                _rewrite_file(module, recipe, draft, held.get(recipe.name))
        draft.findings = sorted(
            set(draft.findings), key=lambda f: (f.line, f.recipe, f.action, f.reason)
        )
    return drafts


def _rewrite_program(
    program: Program, recipe: Recipe, drafts: dict[Path, Draft], held: str | None
) -> None:
    assert recipe.rewrite_program is not None
    rewrites = recipe.rewrite_program(program)
    edited: dict[SourceModule, str] = {}
    bug = ""
    for module, rewrite in rewrites.items():
        try:
            edited[module] = edit_text(module.text, rewrite.edits)
        except (Overlap, NotPython) as error:
            bug = f"{program.path(module).name}: {error}"
    for module, rewrite in rewrites.items():
        draft = drafts.setdefault(program.path(module), Draft(module.text, module.text))
        if held is not None:
            draft.take(recipe, module.text, _left(rewrite, held))
        elif bug:
            rewrite.notes.append(Note(1, f"{BUG}: {bug}"))
            draft.take(recipe, module.text, _actions(rewrite, edited=False))
        else:
            draft.take(recipe, edited[module], _actions(rewrite, edited=True))


def _rewrite_file(
    module: SourceModule, recipe: Recipe, draft: Draft, held: str | None
) -> None:
    assert recipe.rewrite is not None
    rewrite = recipe.rewrite(module)
    if held is not None:
        draft.take(recipe, draft.after, _left(rewrite, held))
        return
    ignored = ignored_lines(module.text, recipe.name)
    edits = [e for e in rewrite.edits if module.line_number(e.start) not in ignored]
    try:
        edited = edit_text(draft.after, edits)
    except (Overlap, NotPython) as error:
        rewrite.notes.append(Note(1, f"{BUG}: {error}"))
        draft.take(recipe, draft.after, _actions(rewrite, edited=False))
    else:
        draft.take(recipe, edited, _actions(rewrite, edited=True))


def _left(rewrite: Rewrite, why: str) -> list[tuple[str, Note]]:
    tail = f" ({why})" if why else ""
    done = [("left", replace(note, reason=note.reason + tail)) for note in rewrite.done]
    return done + [
        ("review", note) for note in rewrite.notes if why or not note.informs
    ]


def _actions(rewrite: Rewrite, *, edited: bool) -> list[tuple[str, Note]]:
    done = [("edited", note) for note in rewrite.done if edited]
    return done + [("review", note) for note in rewrite.notes]


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
