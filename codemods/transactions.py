"""Edits that belong together: all of a transaction's are made, or none.

A transaction belongs to a class, a function or a single call.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

from .changes import Edit, Note, Rewrite
from .names import SourceModule
from .slots import Outcome

Owner = cst.CSTNode


@dataclass(eq=False)
class Transaction:
    """The edits of one owner, or what stands in their way."""

    module: SourceModule
    owner: Owner
    edits: list[Edit] = field(default_factory=list)
    done: list[Note] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    problems: list[Note] = field(default_factory=list)
    # Other owners that must be edited, too, and the line that says so.
    needs: dict[Owner, int] = field(default_factory=dict)

    @property
    def name(self) -> str | None:
        """The name of the class or function, None for a call."""
        if isinstance(self.owner, cst.ClassDef | cst.FunctionDef):
            return self.owner.name.value
        return None

    def note(self, node: cst.CSTNode, reason: str) -> None:
        """Leave something to a person, whatever becomes of the transaction."""
        self.notes.append(Note(self.module.line(node), reason))

    def fail(self, node: cst.CSTNode, reason: str) -> None:
        """Give the transaction up."""
        self.problems.append(Note(self.module.line(node), reason))

    def edit(self, node: cst.CSTNode, what: str, *edits: Edit) -> None:
        """Add edits, and say what they do to a node."""
        self.edits += edits
        self.done.append(Note(self.module.line(node), what))

    def take(self, outcome: Outcome) -> None:
        """Add what makes biases optional."""
        self.edits += outcome.edits
        self.done += [Note(self.module.line(n), what) for n, what in outcome.done]
        for node, reason in outcome.problems:
            self.fail(node, reason)

    def need(self, owner: Owner, node: cst.CSTNode) -> None:
        """Depend on the transaction of another owner."""
        if owner is not self.owner:
            self.needs.setdefault(owner, self.module.line(node))


class Transactions:
    """The transactions of one module."""

    def __init__(self, module: SourceModule) -> None:
        """Start without any."""
        self.module = module
        self._by_owner: dict[Owner, Transaction] = {}

    def of(self, owner: Owner) -> Transaction:
        """Return the transaction of an owner, a new one the first time."""
        return self._by_owner.setdefault(owner, Transaction(self.module, owner))

    def settle(self) -> Rewrite:
        """Return the edits of the transactions that can be done, and what is left."""
        rewrite = Rewrite()
        pending = list(self._by_owner.values())
        while failed := [each for each in pending if self._fails(each)]:
            pending = [each for each in pending if each not in failed]
        for transaction in self._by_owner.values():
            if transaction.problems:
                rewrite.notes += _left(transaction)
            else:
                rewrite.edits += transaction.edits
                rewrite.done += transaction.done
                rewrite.notes += transaction.notes
        return rewrite

    def _fails(self, transaction: Transaction) -> bool:
        """Tell whether a transaction fails just now, for want of another one."""
        if transaction.problems:
            return False
        for owner, line in transaction.needs.items():
            needed = self._by_owner.get(owner)
            if needed is not None and needed.problems:
                reason = f"{needed.name or 'a call'} could not be migrated, see there"
                transaction.problems.append(Note(line, reason))
        return bool(transaction.problems)


def _left(transaction: Transaction) -> Iterator[Note]:
    whole = f"{transaction.name} is left as it was: " if transaction.name else ""
    for problem in transaction.problems:
        yield Note(problem.line, whole + problem.reason)
