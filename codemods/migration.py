"""Run recipes over files, one at a time or many at once, without touching any."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import libcst as cst

from .editing import Finding, migrate_program
from .files import Found, project
from .names import SourceModule
from .processes import cpus, spread
from .program import Program
from .registry import Recipe, load_recipe
from .requirement import required
from .source import Encoding, Unreadable, decode, refuse_depth

# Below this many files to parse, starting processes takes longer than they save.
ENOUGH_FOR_PROCESSES = 12


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


def migrate_files(
    files: Sequence[Found], recipes: Sequence[Recipe], *, has_target: bool = True
) -> list[Outcome]:
    """Return an outcome for each file that a recipe may apply to, in the order given.

    Without a target, the metadata of each project says which recipes may edit it.
    """
    return _outcomes(
        files, recipes, lambda root: {} if has_target else _newer(root, recipes)
    )


def lint_files(files: Sequence[Found], recipes: Sequence[Recipe]) -> list[Outcome]:
    """Return what the recipes find in each file, without an edit."""
    return _outcomes(
        files, recipes, lambda root: {recipe.name: "" for recipe in recipes}
    )


def _newer(project: Path, recipes: Sequence[Recipe]) -> dict[str, str]:
    """Return the recipes whose edits a project's oldest MLX does not know, and why."""
    needs = required(project)
    if needs is None:
        return {}
    return {
        recipe.name: f"needs MLX {recipe.since}, and {needs.file} allows {needs.text}"
        for recipe in recipes
        if needs.version < recipe.version
    }


def _outcomes(
    files: Sequence[Found],
    recipes: Sequence[Recipe],
    held: Callable[[Path], dict[str, str]],
) -> list[Outcome]:
    names = [recipe.name for recipe in recipes]
    failed: list[Outcome] = []
    alone: list[Outcome] = []
    together: dict[Path, list[Outcome]] = {}
    folders: dict[Path, Path] = {}
    for file in files:
        if file.path.parent not in folders:
            folders[file.path.parent] = project(file)
    for file in files:
        try:
            raw = file.path.read_bytes()
        except OSError as error:
            problem = f"cannot be read: {error.strerror}"
            failed.append(Outcome(file, b"", b"", error=problem))
            continue
        wanted = [recipe for recipe in recipes if recipe.may_apply(raw)]
        if any(recipe.rewrite_program for recipe in wanted):
            root = folders[file.path.parent]
            together.setdefault(root, []).append(Outcome(file, raw, raw))
        elif wanted:
            alone.append(Outcome(file, raw, raw))
    held_in = {root: held(root) for root in set(folders.values())}
    tasks = [
        Task([outcome], [], names, held_in[folders[outcome.file.path.parent]])
        for outcome in alone
    ]
    for root, outcomes in together.items():
        others = [file for file in files if folders[file.path.parent] == root]
        tasks.append(Task(outcomes, others, names, held_in[root]))
    # The largest first: nothing waits for it at the end.
    tasks.sort(key=lambda task: -len(task.outcomes))
    done = [outcome for part in _run(tasks) for outcome in part]
    order = {file.path: index for index, file in enumerate(files)}
    return sorted([*failed, *done], key=lambda outcome: order[outcome.file.path])


@dataclass(frozen=True)
class Task:
    """Files that are migrated together, and the files they may look into."""

    outcomes: list[Outcome]
    others: list[Found]
    recipes: list[str]
    # Recipes that edit nothing, and why.
    held: dict[str, str]


def _run(tasks: Sequence[Task]) -> list[list[Outcome]]:
    size = sum(len(task.outcomes) for task in tasks)
    workers = min(cpus(), len(tasks), size // ENOUGH_FOR_PROCESSES)
    if workers < 2:
        return [_migrate_task(task) for task in tasks]
    return spread(_migrate_task, tasks, workers, chunk=1)


def _migrate_task(task: Task) -> list[Outcome]:
    recipes = [load_recipe(name) for name in task.recipes]
    program = Program(_absolute(file.path) for file in task.others)
    encodings: dict[Path, Encoding] = {}
    for outcome in task.outcomes:
        try:
            text, encodings[_absolute(outcome.file.path)] = decode(outcome.before)
            refuse_depth(text)
            program.add(_absolute(outcome.file.path), SourceModule(text))
        except cst.ParserSyntaxError as error:
            line = error.raw_line
            outcome.error = f"cannot be parsed as Python: line {line}: {error.message}"
        except RecursionError:
            outcome.error = "cannot be parsed as Python: nested too deeply"
        except Unreadable as error:
            outcome.error = f"cannot be read: {error}"
    try:
        drafts = migrate_program(program, recipes, task.held)
    except Exception as error:
        # Name the file: the traceback of another process does not.
        name = task.outcomes[0].file.path
        raise RuntimeError(f"{name} and what is used with it: {error!r}") from error
    known = {_absolute(outcome.file.path): outcome for outcome in task.outcomes}
    found = {_absolute(file.path): file for file in task.others}
    for path, draft in drafts.items():
        if path not in known:
            raw = path.read_bytes()
            _, encodings[path] = decode(raw)
            known[path] = Outcome(found[path], raw, raw)
        outcome = known[path]
        outcome.findings = draft.findings
        try:
            outcome.after = encodings[path].encode(draft.after)
        except Unreadable as error:
            outcome.error = f"cannot be read: {error}"
    return list(known.values())


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path))
