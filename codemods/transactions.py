"""Edits that belong together: all of a transaction's are made, or none.

A transaction belongs to a class, a function or a single call. It may edit several files.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

from .changes import Edit, Note, Rewrite
from .names import SourceModule
from .program import Program
from .slots import Outcome

Owner = cst.CSTNode
Remark = tuple[SourceModule, Note]


@dataclass(eq=False)
class Transaction:
    """The edits of one owner, or what stands in their way."""

    program: Program
    owner: Owner
    # The recipe, as comments name it.
    recipe: str
    edits: list[tuple[SourceModule, Edit]] = field(default_factory=list)
    done: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)
    problems: list[Remark] = field(default_factory=list)
    # Other owners that must be edited, too, and the place that says so.
    needs: dict[Owner, cst.CSTNode] = field(default_factory=dict)
    # How much what stands in the way matters; empty for what the recipe says.
    severity: str = ""

    @property
    def name(self) -> str | None:
        """The name of the class or function, None for a call."""
        if isinstance(self.owner, cst.ClassDef | cst.FunctionDef):
            return self.owner.name.value
        return None

    def note(self, node: cst.CSTNode, reason: str) -> None:
        """Leave something to a person, whatever becomes of the transaction."""
        self.notes.append(self._remark(node, reason))

    def fail(self, node: cst.CSTNode, reason: str) -> None:
        """Give the transaction up."""
        self.problems.append(self._remark(node, reason))

    def edit(
        self, node: cst.CSTNode, what: str, *edits: Edit, severity: str = ""
    ) -> None:
        """Add edits, and say what they do to a node."""
        if self.program.is_ignored(node, self.recipe):
            self.fail(node, "a comment asks to leave this line alone")
            return
        module, note = self._remark(node, what, severity)
        self.edits += [(module, edit) for edit in edits]
        self.done.append((module, note))

    def take(self, outcome: Outcome) -> None:
        """Add what makes biases optional."""
        self.edits += [(self.program.of(node), edit) for node, edit in outcome.edits]
        self.done += [self._remark(node, what) for node, what in outcome.done]
        for node, reason in outcome.problems:
            self.fail(node, reason)

    def need(self, owner: Owner, node: cst.CSTNode) -> None:
        """Depend on the transaction of another owner."""
        if owner is not self.owner:
            self.needs.setdefault(owner, node)

    def _remark(self, node: cst.CSTNode, reason: str, severity: str = "") -> Remark:
        module = self.program.of(node)
        return module, Note(module.line(node), reason, severity)


class Transactions:
    """The transactions of one run."""

    def __init__(self, program: Program, recipe: str) -> None:
        """Start without any."""
        self.program = program
        self.recipe = recipe
        self._by_owner: dict[Owner, Transaction] = {}

    def of(self, owner: Owner) -> Transaction:
        """Return the transaction of an owner, a new one the first time."""
        return self._by_owner.setdefault(
            owner, Transaction(self.program, owner, self.recipe)
        )

    def settle(self) -> dict[SourceModule, Rewrite]:
        """Return the edits of the transactions that can be done, and what is left."""
        rewrites: dict[SourceModule, Rewrite] = defaultdict(Rewrite)
        pending = list(self._by_owner.values())
        while failed := [each for each in pending if self._fails(each)]:
            pending = [each for each in pending if each not in failed]
        for transaction in self._by_owner.values():
            if transaction.problems:
                for module, note in _left(transaction):
                    rewrites[module].notes.append(note)
                continue
            for module, edit in transaction.edits:
                rewrites[module].edits.append(edit)
            for module, note in transaction.done:
                rewrites[module].done.append(note)
            for module, note in transaction.notes:
                rewrites[module].notes.append(note)
        return rewrites

    def _fails(self, transaction: Transaction) -> bool:
        """Tell whether a transaction fails just now, for want of another one."""
        if transaction.problems:
            return False
        for owner, node in transaction.needs.items():
            needed = self._by_owner.get(owner)
            if needed is not None and needed.problems:
                reason = f"{needed.name or 'a call'} could not be migrated, see there"
                transaction.fail(node, reason)
        return bool(transaction.problems)


def _left(transaction: Transaction) -> Iterator[Remark]:
    whole = f"{transaction.name} is left as it was: " if transaction.name else ""
    for module, problem in transaction.problems:
        yield module, Note(problem.line, whole + problem.reason, transaction.severity)
