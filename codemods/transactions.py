"""Plan the edits that carry `mode` from where it is held to where it is used.

A transaction is a class, a function or a single call: all of its edits are made, or none and
the reason is reported.
"""

from collections import defaultdict
from dataclasses import dataclass, field

import libcst as cst

from .biases import Biases, Outcome
from .caches import cache_code, cache_data, cache_name
from .callees import Callee, Callees, External, Local
from .changes import Edit, Note, Rewrite
from .classes import Classes
from .containers import Attribute, Containers, Holder, Mode, Parameter, Unclear
from .docstrings import document
from .insertions import argument, parameter, statement_after
from .names import SourceModule, dotted_name
from .signatures import MODES, QUANTIZE, TO_QUANTIZED, Signature, match, parameters

Owner = cst.CSTNode


@dataclass
class Transaction:
    """Edits that belong together."""

    owner: Owner
    edits: list[Edit] = field(default_factory=list)
    done: list[Note] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    problems: list[Note] = field(default_factory=list)
    needs: dict[Owner, int] = field(default_factory=dict)


class Planner:
    """Follow `bits` through one module, from the calls that take it to a fixed point."""

    def __init__(self, module: SourceModule) -> None:
        """Take the module to plan for."""
        self.module = module
        self.classes = Classes(module)
        self.containers = Containers(module, self.classes)
        self.callees = Callees(module, self.classes)
        self.biases = Biases(module, self.callees)
        self.transactions: dict[Owner, Transaction] = {}
        self.notes: list[Note] = []
        self.held: set[Holder] = set()
        self.pending: list[Holder] = []
        self.callers: dict[cst.FunctionDef, list[tuple[cst.Call, Local]]] = defaultdict(
            list
        )
        self.new_parameters: dict[cst.FunctionDef, list[Parameter]] = defaultdict(list)
        self.with_optional_biases: set[cst.ClassDef] = set()

    def plan(self) -> Rewrite:
        """Return the edits of the transactions that can be done, and what is left."""
        for call, callee in list(self.callees.sites()):
            if isinstance(callee, Local):
                self.callers[callee.function].append((call, callee))
            else:
                self._visit(call, callee, callee.signature)
        for node in self.module.nodes:
            if isinstance(node, cst.FunctionDef) and node.name.value == "to_quantized":
                self._to_quantized(node)
        while self.pending:
            holder = self.pending.pop(0)
            if isinstance(holder, Parameter):
                self._add_parameter(holder)
            else:
                self._add_attribute(holder)
        for function in self.new_parameters:
            self._write_parameters(function)
        self._report_dicts()
        return self._outcome()

    def _outcome(self) -> Rewrite:
        failed = {owner for owner, t in self.transactions.items() if t.problems}
        changed = True
        while changed:
            changed = False
            for owner, transaction in self.transactions.items():
                for needed, line in transaction.needs.items():
                    if needed in failed and owner not in failed:
                        name = getattr(needed, "name", None)
                        text = (
                            name.value
                            if isinstance(name, cst.Name)
                            else "what it needs"
                        )
                        reason = f"{text} could not be migrated, see there"
                        transaction.problems.append(Note(line, reason))
                        failed.add(owner)
                        changed = True
        rewrite = Rewrite(notes=list(self.notes))
        for owner, transaction in self.transactions.items():
            if owner in failed:
                name = getattr(owner, "name", None)
                whole = (
                    f"{name.value} is left as it was: "
                    if isinstance(name, cst.Name)
                    else ""
                )
                rewrite.notes += [
                    Note(p.line, whole + p.reason) for p in transaction.problems
                ]
            else:
                rewrite.edits += transaction.edits
                rewrite.done += transaction.done
                rewrite.notes += transaction.notes
        return rewrite

    def _to_quantized(self, function: cst.FunctionDef) -> None:
        """`nn.quantize` passes `mode` to every layer's `to_quantized`, in any mode."""
        owner = self.module.method_class(function)
        if (
            owner is None
            or "bits" not in parameters(function)
            or function.params.star_kwarg
        ):
            return
        name = f"{owner.name.value}.to_quantized"
        if cache := cache_code(self.module, function):
            self._note(
                function, f"{name} belongs to a KV cache ({cache}), which has no mode"
            )
        elif self.classes.is_layer(owner):
            self._hold(Parameter(function, "bits"))
        elif "mode" not in parameters(function) and self.classes.may_be_layer(owner):
            self._note(
                function,
                f"{name} takes no mode; if its base class is an nn.Module, nn.quantize fails",
            )

    def _visit(self, call: cst.Call, callee: Callee, signature: Signature) -> None:
        """Pass the mode in one call, if it passes `bits` from somewhere that can hold one."""
        passed = match(call, signature)
        if passed.bits is None or passed.has_mode or passed.has_double_star:
            return
        source = self.containers.source(passed.bits.value)
        if source is None:
            return
        if cache := self._cache(call, callee):
            self._note(call, f"this belongs to a KV cache ({cache}), which has no mode")
            return
        if isinstance(source, Unclear):
            self._note(call, source.reason)
            return
        transaction = self._transaction(source.holders, call)
        for holder in source.holders:
            self._hold(holder)
            self._need(transaction, self._owner(holder), call)
        if isinstance(callee, Local):
            self._need(
                transaction,
                self._owner(Parameter(callee.function, signature.bits_name)),
                call,
            )
        text = f"{signature.mode_name}={source.text}"
        transaction.edits += argument(self.module, call, text, passed.last)
        transaction.done.append(Note(self.module.line(call), f"pass {text}"))
        self._check_shadow(source, call, transaction)
        if source.note:
            transaction.notes.append(Note(self.module.line(call), source.note))
        if isinstance(callee, External) and callee.name == QUANTIZE:
            self._take(transaction, self.biases.of_call(call))
        self._take(transaction, self.biases.of_argument(call, passed.biases))
        owner = self.module.enclosing(call, cst.ClassDef)
        if owner is not None and self.classes.is_layer(owner):
            self._optional_biases(owner, transaction)

    def _cache(self, call: cst.Call, callee: Callee) -> str | None:
        found = cache_code(self.module, call) or cache_data(call)
        is_method = isinstance(callee, External) and callee.signature is TO_QUANTIZED
        if not found and is_method and isinstance(call.func, cst.Attribute):
            found = cache_name(self.module, call.func.value)
        return found

    def _check_shadow(
        self, source: Mode, call: cst.Call, transaction: Transaction
    ) -> None:
        """A name between the parameter and the call may not mean something else."""
        for holder in source.holders:
            if not isinstance(holder, Parameter) or source.text != holder.mode:
                continue
            for around in self.module.ancestors(call):
                if around is holder.function:
                    break
                if isinstance(around, cst.FunctionDef) and holder.mode in parameters(
                    around
                ):
                    reason = f"{around.name.value} has a {holder.mode} of its own"
                    transaction.problems.append(Note(self.module.line(call), reason))

    def _hold(self, holder: Holder) -> None:
        if holder not in self.held:
            self.held.add(holder)
            self.pending.append(holder)

    def _owner(self, holder: Holder) -> Owner:
        if isinstance(holder, Attribute):
            return holder.owner
        method_of = self.module.method_class(holder.function)
        is_layer = method_of is not None and self.classes.is_layer(method_of)
        return method_of if is_layer and method_of is not None else holder.function

    def _transaction(self, holders: tuple[Holder, ...], call: cst.Call) -> Transaction:
        around = list(self.module.ancestors(call))
        owners = [self._owner(holder) for holder in holders]
        owner = next((o for o in owners if o in around), call)
        return self._owned(owner)

    def _owned(self, owner: Owner) -> Transaction:
        return self.transactions.setdefault(owner, Transaction(owner))

    def _need(self, transaction: Transaction, owner: Owner, call: cst.CSTNode) -> None:
        if owner is not transaction.owner:
            transaction.needs.setdefault(owner, self.module.line(call))

    def _take(self, transaction: Transaction, outcome: Outcome) -> None:
        transaction.edits += outcome.edits
        transaction.done += [
            Note(self.module.line(n), text) for n, text in outcome.done
        ]
        transaction.problems += [
            Note(self.module.line(n), r) for n, r in outcome.problems
        ]

    def _note(self, node: cst.CSTNode, reason: str) -> None:
        self.notes.append(Note(self.module.line(node), reason))

    def _add_parameter(self, holder: Parameter) -> None:
        function, transaction = holder.function, self._owned(self._owner(holder))
        problem = self._parameter_problem(holder)
        if problem:
            transaction.problems.append(Note(self.module.line(function), problem))
            return
        owner = self.module.method_class(function)
        if holder.mode not in parameters(function):
            self.new_parameters[function].append(holder)
        for call, callee in self.callers[function]:
            self._visit(call, callee, callee.signature(holder.bits))
        if owner is not None:
            self._store(owner, holder)
        self._unknown_calls(holder, transaction)

    def _write_parameters(self, function: cst.FunctionDef) -> None:
        """Add the modes of a function in the order of the bits they belong to."""
        order = list(parameters(function))
        owner = self.module.method_class(function)
        documented: list[cst.FunctionDef | cst.ClassDef] = [function]
        if owner is not None and function.name.value == "__init__":
            documented.append(owner)
        for holder in sorted(
            self.new_parameters[function], key=lambda h: order.index(h.bits)
        ):
            transaction = self._owned(self._owner(holder))
            transaction.edits += parameter(self.module, function, holder.mode)
            line = self.module.line(function.name)
            transaction.done.append(Note(line, f"take {holder.mode} as a parameter"))
            for node in documented:
                transaction.edits += document(
                    self.module, node, holder.bits, holder.mode
                )

    def _unknown_calls(self, holder: Parameter, transaction: Transaction) -> None:
        """Look at calls that take the bits to what this file does not define."""
        for arg in self.module.within(holder.function, cst.Arg):
            call = self.module.parent(arg)
            if not isinstance(call, cst.Call) or self.callees.resolve(call.func):
                continue
            source = self.containers.source(arg.value)
            name = dotted_name(call.func)
            about = name is not None and "quant" in name.rpartition(".")[2].lower()
            named = arg.keyword is not None and arg.keyword.value.endswith("bits")
            passes_mode = any(
                a.keyword and a.keyword.value.endswith("mode") for a in call.args
            )
            if (
                not isinstance(source, Mode)
                or holder not in source.holders
                or passes_mode
            ):
                continue
            if not (about or named) or (
                self.module.qualified(call.func) or ""
            ).startswith("mlx."):
                continue
            note = Note(
                self.module.line(call),
                f"{name or 'what is called here'} takes bits and is not in this file;"
                " see whether it takes a mode",
            )
            # An override that takes a mode and drops it is worse than one that fails.
            if holder.function.name.value == "to_quantized":
                transaction.problems.append(note)
            else:
                transaction.notes.append(note)

    def _report_dicts(self) -> None:
        """A configuration that is stored without its mode is read back as affine."""
        for node in self.module.within(self.module.tree, cst.Dict):
            items = {
                element.key.evaluated_value: element.value
                for element in node.elements
                if isinstance(element, cst.DictElement)
                and isinstance(element.key, cst.SimpleString)
            }
            if not {"bits", "group_size"} <= items.keys() or "mode" in items:
                continue
            literal = all(
                isinstance(items[key], cst.Integer) for key in ("bits", "group_size")
            )
            if not literal and not cache_code(self.module, node):
                self._note(
                    node, 'this dict has "bits" from elsewhere and no "mode" beside it'
                )

    def _store(self, owner: cst.ClassDef, holder: Parameter) -> None:
        """A class that keeps the parameter as an attribute keeps its mode, too."""
        for attribute in {
            a.attr.value for a in self.module.within(holder.function, cst.Attribute)
        }:
            if not attribute.endswith("bits"):
                continue
            for stored in self.classes.stores(owner, attribute):
                source = self.containers.source(stored.value) if stored.value else None
                if isinstance(source, Mode) and holder in source.holders:
                    self._hold(Attribute(owner, attribute))

    def _parameter_problem(self, holder: Parameter) -> str | None:
        function, name = holder.function, holder.function.name.value
        owner = self.module.method_class(function)
        if cache := cache_code(self.module, function):
            return f"this belongs to a KV cache ({cache}), which has no mode"
        if owner is not None and not self.classes.is_layer(owner):
            return f"class {owner.name.value} is not known to be an nn.Module"
        given = parameters(function).get(holder.mode)
        if given is not None:
            default = given.default
            known = (
                isinstance(default, cst.SimpleString)
                and default.evaluated_value in MODES
            )
            annotated = given.annotation is not None and default is None
            if known or (annotated and self.module.code(given).endswith("str")):
                return None
            return f"the {holder.mode} of {name} may be something else than a quantization mode"
        if any(
            node.value == holder.mode and not self._is_label(node)
            for node in self.module.within(function, cst.Name)
        ):
            return f"{name} uses the name {holder.mode} for something else"
        return None

    def _is_label(self, name: cst.Name) -> bool:
        parent = self.module.parent(name)
        if isinstance(parent, cst.Attribute):
            return parent.attr is name
        return isinstance(parent, cst.Arg) and parent.keyword is name

    def _add_attribute(self, holder: Attribute) -> None:
        owner, transaction = holder.owner, self._owned(holder.owner)
        for stored in self.classes.stores(owner, holder.mode):
            value = stored.value
            if isinstance(value, cst.Name) and value.value == holder.mode:
                return
            reason = f"self.{holder.mode} already means something else"
            transaction.problems.append(Note(self.module.line(stored.target), reason))
            return
        for stored in self.classes.stores(owner, holder.bits):
            source: Mode | Unclear | None = Unclear(f"self.{holder.bits} is unpacked")
            if stored.value is not None:
                source = self.containers.source(stored.value)
            if isinstance(source, Unclear):
                transaction.problems.append(
                    Note(self.module.line(stored.target), source.reason)
                )
                continue
            text = source.text if source else '"affine"'
            for needed in source.holders if source else ():
                self._hold(needed)
                self._need(transaction, self._owner(needed), stored.target)
            receiver = self.module.code(stored.target.value)
            assignment = f"{receiver}.{holder.mode} = {text}"
            transaction.edits.append(
                statement_after(self.module, stored.statement, assignment)
            )
        self._extend_repr(holder, transaction)
        self._optional_biases(owner, transaction)

    def _extend_repr(self, holder: Attribute, transaction: Transaction) -> None:
        for name in ("_extra_repr", "__repr__"):
            method = self.classes.method(holder.owner, name)
            if method is None or self.module.method_class(method) is not holder.owner:
                continue
            for part in self.module.within(method, cst.FormattedStringExpression):
                match part.expression:
                    case cst.Attribute(
                        value=receiver, attr=cst.Name(value=holder.bits)
                    ):
                        _, end = self.module.span(part)
                        text = f", {holder.mode}={{{self.module.code(receiver)}.{holder.mode}}}"
                        transaction.edits.append(Edit(end, end, text))

    def _optional_biases(self, owner: cst.ClassDef, transaction: Transaction) -> None:
        for around in [owner, *self._subclasses(owner)]:
            if around not in self.with_optional_biases:
                self.with_optional_biases.add(around)
                self._take(transaction, self.biases.of_class(around))

    def _subclasses(self, owner: cst.ClassDef) -> list[cst.ClassDef]:
        return [
            node
            for node in self.module.nodes
            if isinstance(node, cst.ClassDef)
            and owner in self.classes.local_bases(node)
        ]
