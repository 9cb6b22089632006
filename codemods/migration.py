"""Run recipes over files, one at a time or many at once, without touching any."""

import ast
import difflib
import multiprocessing
import os
import warnings
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import libcst as cst

from .changes import Edit, Note, Overlap, apply_edits
from .files import Found
from .layout import break_lines
from .names import SourceModule
from .registry import Recipe, load_recipe
from .source import Unreadable, decode

# Below this many files to parse, starting processes takes longer than they save.
ENOUGH_FOR_PROCESSES = 12


@dataclass(frozen=True)
class Finding:
    """One place: `line` counts from 1 in the file as it was."""

    line: int
    recipe: str
    severity: str
    action: str
    reason: str


@dataclass
class Outcome:
    """What the recipes make of one file; `after` equals `before` where nothing applies."""

    file: Found
    before: bytes
    after: bytes
    findings: list[Finding] = field(default_factory=list)
    error: str | None = None

    @property
    def changed(self) -> bool:
        """Tell whether the file would be another one."""
        return self.before != self.after


def migrate_files(files: Sequence[Found], recipes: Sequence[Recipe]) -> list[Outcome]:
    """Return an outcome for each file that a recipe may apply to, in the order given."""
    outcomes: list[Outcome] = []
    for file in files:
        try:
            raw = file.path.read_bytes()
        except OSError as error:
            outcomes.append(
                Outcome(file, b"", b"", error=f"cannot be read: {error.strerror}")
            )
            continue
        if any(recipe.may_apply(raw) for recipe in recipes):
            outcomes.append(Outcome(file, raw, raw))
    work = partial(_migrate_outcome, names=[recipe.name for recipe in recipes])
    workers = min(_cpus(), len(outcomes) // ENOUGH_FOR_PROCESSES)
    if workers < 2:
        return [work(outcome) for outcome in outcomes]
    # Forking a process with threads, such as the one that shows progress, can deadlock.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        return list(pool.map(work, outcomes, chunksize=4))


def _cpus() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _migrate_outcome(outcome: Outcome, names: Sequence[str]) -> Outcome:
    if outcome.error:
        return outcome
    try:
        text, encoding = decode(outcome.before)
        _refuse_depth(text)
        recipes = [r for r in map(load_recipe, names) if r.may_apply(outcome.before)]
        after, outcome.findings = migrate_text(text, recipes)
        outcome.after = encoding.encode(after)
    except cst.ParserSyntaxError as error:
        line = error.raw_line
        outcome.error = f"cannot be parsed as Python: line {line}: {error.message}"
    except RecursionError:
        outcome.error = "cannot be parsed as Python: nested too deeply"
    except Unreadable as error:
        outcome.error = f"cannot be read: {error}"
    except Exception as error:
        # Name the file: the traceback of another process does not.
        raise RuntimeError(f"{outcome.file.path}: {error!r}") from error
    return outcome


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
        back = _lines_before(text, after)
        findings += [
            Finding(back[note.line], recipe.name, recipe.severity, action, note.reason)
            for action, note in notes
        ]
        after = edited
    return after, sorted(
        set(findings), key=lambda f: (f.line, f.recipe, f.action, f.reason)
    )


def _refuse_depth(text: str) -> None:
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


def _lines_before(text: str, after: str) -> "_LineMap":
    return _LineMap(text.splitlines(), after.splitlines())


class _LineMap:
    """Find the line of the first text that a line of the second one comes from."""

    def __init__(self, before: list[str], after: list[str]) -> None:
        self.blocks: list[tuple[int, int, int]] = []
        if before != after:
            matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
            self.blocks = [(a, b, size) for a, b, size in matcher.get_matching_blocks()]

    def __getitem__(self, line: int) -> int:
        result = line
        for before, after, size in self.blocks:
            if after >= line:
                break
            result = before + min(line - after, size)
        return max(result, 1)
