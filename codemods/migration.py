"""Run recipes over files, one at a time or many at once, without touching any."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import libcst as cst

from .editing import Finding, migrate_text, refuse_depth
from .files import Found
from .processes import cpus, spread
from .registry import Recipe, load_recipe
from .source import Unreadable, decode

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
    workers = min(cpus(), len(outcomes) // ENOUGH_FOR_PROCESSES)
    if workers < 2:
        return [work(outcome) for outcome in outcomes]
    return spread(work, outcomes, workers, chunk=4)


def _migrate_outcome(outcome: Outcome, names: Sequence[str]) -> Outcome:
    if outcome.error:
        return outcome
    try:
        text, encoding = decode(outcome.before)
        refuse_depth(text)
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
