"""Carry `mode` from where it is held to where it is used, through the files of a run.

Start at the calls of MLX that take `bits`, ask what holds the value they pass, give the holder
a mode, and go on with the callers of functions that take one now, to a fixed point.
"""

from collections import defaultdict

import libcst as cst

from .biases import Biases
from .caches import cache_code, cache_data, cache_name
from .callees import Callee, Callees, External, Local
from .changes import BREAKS, Note, Rewrite
from .classes import Classes
from .containers import Attribute, Containers, Holder, Mode, Parameter, Unclear
from .holders import Attributes, Parameters
from .insertions import argument
from .names import SourceModule
from .program import Program
from .reports import dicts_without_mode, forgotten_mode, unknown_calls
from .results import Results
from .signatures import QUANTIZE, TO_QUANTIZED, Signature, match, parameters
from .slots import Slots
from .transactions import Owner, Transaction, Transactions

# What a comment calls it that asks to leave a line alone.
RECIPE = "quantization_mode"
CACHE = "this belongs to a KV cache ({}), which has no mode"
# A file without one of these neither passes bits on nor does without biases.
WORDS = ("bits", "biases")


class Planner:
    """Plan the edits of the files of one run."""

    def __init__(self, program: Program) -> None:
        """Take the files to plan for."""
        self.program = program
        self.classes = Classes(program)
        self.containers = Containers(program, self.classes)
        self.callees = Callees(program, self.classes)
        slots = Slots(program, self.callees)
        self.biases, self.results = Biases(slots), Results(slots)
        self.parameters = Parameters(program, self.classes)
        self.attributes = Attributes(program, self.classes, self.containers)
        self.transactions = Transactions(program, RECIPE)
        self.notes: list[tuple[SourceModule, Note]] = []
        # In the order they were found: what is written must not depend on hashes.
        self.held: dict[Holder, None] = {}
        self.pending: list[Holder] = []
        self.taken: dict[cst.FunctionDef, list[Parameter]] = defaultdict(list)
        self.callers: dict[cst.FunctionDef, list[tuple[cst.Call, Local]]]
        self.callers = defaultdict(list)
        # Functions that return what mx.quantize does.
        self.returning: set[cst.FunctionDef] = set()
        self.read_biases: set[cst.ClassDef] = set()
        self.searched: set[str] = set()

    def plan(self) -> dict[SourceModule, Rewrite]:
        """Return the edits that carry the mode, and what is left to a person."""
        while True:
            if self.program.fresh:
                self._scan(self.program.fresh.pop(0))
            elif self.pending:
                holder = self.pending.pop(0)
                if isinstance(holder, Parameter):
                    self._take_parameter(holder)
                else:
                    self._keep_attribute(holder)
            elif not self._load_callers():
                break
        taken = [holder for holder in self.held if isinstance(holder, Parameter)]
        for holder in sorted(taken, key=self.parameters.order):
            self.parameters.write(holder, self.transactions.of(self._owner(holder)))
        rewrites = self.transactions.settle()
        for module, note in self.notes:
            rewrites[module].notes.append(note)
        return rewrites

    def _scan(self, module: SourceModule) -> None:
        """Visit the calls and overrides of one file."""
        sites = list(self.callees.sites(module))
        for call, callee in sites:
            if isinstance(callee, Local):
                self.callers[callee.function].append((call, callee))
                for holder in self.taken[callee.function]:
                    self._visit(call, callee, callee.signature(holder.bits))
            else:
                self._visit(call, callee, callee.signature)
        for function in module.within(module.tree, cst.FunctionDef):
            if function.name.value == "to_quantized":
                self._override(function)
        for node, reason in dicts_without_mode(module, self.program):
            self._note(node, reason)
        for owner in list(self.read_biases):
            self._read_biases(owner)

    def _load_callers(self) -> bool:
        """Parse the files that may use what takes a mode now; tell if there were any."""
        names: set[str] = set()
        for holder in self.held:
            owner: cst.ClassDef | cst.FunctionDef
            if isinstance(holder, Attribute):
                owner = holder.owner
            else:
                owner = self.program.method_class(holder.function) or holder.function
            # What is inside of a function has no callers elsewhere.
            if self.program.enclosing(owner, cst.FunctionDef) is None:
                names.add(owner.name.value)
        new = names - self.searched
        self.searched |= new
        return bool(new) and self.program.load_mentioning(sorted(new), WORDS)

    def _override(self, function: cst.FunctionDef) -> None:
        """`nn.quantize` passes `mode` to every layer's `to_quantized`, in any mode."""
        owner = self.program.method_class(function)
        given = parameters(function)
        if owner is None or "bits" not in given or function.params.star_kwarg:
            return
        if cache := cache_code(self.program, function):
            self._note(function.name, CACHE.format(cache), informs=True)
        elif self.classes.is_layer(owner):
            self._hold(Parameter(function, "bits"))
            if "mode" not in given:
                self.transactions.of(owner).severity = BREAKS
        elif "mode" not in given and self.classes.may_be_layer(owner):
            reason = (
                "to_quantized takes no mode; if {} is an nn.Module, nn.quantize fails"
            )
            self._note(function.name, reason.format(owner.name.value), BREAKS)

    def _visit(self, call: cst.Call, callee: Callee, signature: Signature) -> None:
        """Pass the mode in one call, if what it passes as `bits` has a holder."""
        passed = match(call, signature)
        if passed.bits is None or passed.has_mode or passed.has_double_star:
            return
        if self.program.is_ignored(call, RECIPE):
            return
        source = self.containers.source(passed.bits.value)
        if source is None:
            forgotten = forgotten_mode(call, self.program)
            if forgotten and not self._cache(call, callee):
                self._note(call, forgotten)
            return
        if cache := self._cache(call, callee):
            self._note(call, CACHE.format(cache), informs=True)
            return
        if isinstance(source, Unclear):
            self._note(call, source.reason)
            return
        transaction = self._transaction(source, call)
        for holder in source.holders:
            self._hold(holder)
            transaction.need(self._owner(holder), call)
        if isinstance(callee, Local):
            taken = Parameter(callee.function, signature.bits_name)
            transaction.need(self._owner(taken), call)
        text = f"{signature.mode_name}={source.text}"
        edits = argument(self.program.of(call), call, text, passed.last)
        transaction.edit(call, f"pass {text}", *edits)
        if shadow := self.parameters.shadow(source, call):
            transaction.fail(call, f"{shadow} has another mode of its own")
        if source.note:
            transaction.note(call, source.note)
        returns = isinstance(callee, Local) and callee.function in self.returning
        if returns or (isinstance(callee, External) and callee.name == QUANTIZE):
            self._follow_result(call, transaction)
        transaction.take(self.biases.of_argument(passed.biases))

    def _follow_result(self, call: cst.Call, transaction: Transaction) -> None:
        transaction.take(self.results.of_call(call))
        function = self.results.returning(call)
        if function is not None:
            self.returning.add(function)

    def _cache(self, call: cst.Call, callee: Callee) -> str | None:
        found = cache_code(self.program, call) or cache_data(call)
        method = isinstance(callee, External) and callee.signature is TO_QUANTIZED
        if not found and method and isinstance(call.func, cst.Attribute):
            found = cache_name(self.program, call.func.value)
        return found

    def _hold(self, holder: Holder) -> None:
        if holder not in self.held:
            self.held[holder] = None
            self.pending.append(holder)

    def _owner(self, holder: Holder) -> Owner:
        if isinstance(holder, Attribute):
            return holder.owner
        owner = self.program.method_class(holder.function)
        if owner is not None and self.classes.is_layer(owner):
            return owner
        return holder.function

    def _transaction(self, source: Mode, call: cst.Call) -> Transaction:
        around = list(self.program.ancestors(call))
        owners = [self._owner(holder) for holder in source.holders]
        owner = next((owner for owner in owners if owner in around), None)
        if owner is None:
            layer = self.program.enclosing(call, cst.ClassDef)
            if layer is None or not self.classes.has_mode(layer):
                return self.transactions.of(call)
            # It inherits mode from a quantized layer of MLX, and optional biases, too.
            self._read_biases(layer)
            owner = layer
        return self.transactions.of(owner)

    def _note(
        self, node: cst.CSTNode, reason: str, severity: str = "", informs: bool = False
    ) -> None:
        note = Note(self.program.line(node), reason, severity, informs)
        self.notes.append((self.program.of(node), note))

    def _take_parameter(self, holder: Parameter) -> None:
        function = holder.function
        transaction = self.transactions.of(self._owner(holder))
        if problem := self.parameters.problem(holder):
            transaction.fail(function.name, problem)
            return
        self.taken[function].append(holder)
        for call, callee in list(self.callers[function]):
            self._visit(call, callee, callee.signature(holder.bits))
        owner = self.program.method_class(function)
        if owner is not None:
            for attribute in self.attributes.fed_by(owner, holder):
                self._hold(attribute)
            if function.name.value == "__init__":
                self._read_biases(owner)
        for call, reason in unknown_calls(holder, self.callees, self.containers):
            # An override that takes a mode and drops it is worse than one that fails.
            if function.name.value == "to_quantized":
                transaction.fail(call, reason)
            else:
                transaction.note(call, reason)

    def _keep_attribute(self, holder: Attribute) -> None:
        transaction = self.transactions.of(holder.owner)
        for needed, target in self.attributes.write(holder, transaction):
            self._hold(needed)
            transaction.need(self._owner(needed), target)
        self._read_biases(holder.owner)

    def _read_biases(self, owner: cst.ClassDef) -> None:
        for around in (owner, *self.classes.subclasses(owner)):
            if around not in self.read_biases:
                self.read_biases.add(around)
                self.transactions.of(owner).take(self.biases.of_class(around))
