"""Take in the commands of upstream's lists that make targets and add to them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mlxport.cli.errors import UserError

from .trace import Call

KEYWORDS = frozenset(
    [
        "PRIVATE",
        "PUBLIC",
        "INTERFACE",
        "LINK_PRIVATE",
        "LINK_PUBLIC",
        "LINK_INTERFACE_LIBRARIES",
        "debug",
        "optimized",
        "general",
        "BEFORE",
        "AFTER",
        "SYSTEM",
    ]
)
KINDS = ("STATIC", "SHARED", "MODULE", "OBJECT", "INTERFACE", "UNKNOWN")
FALSE = ("", "0", "OFF", "NO", "FALSE", "N")


@dataclass(slots=True)
class Item:
    """A source, define or library of a target: whose it is, and the call that named it."""

    text: str
    own: bool
    passed_on: bool
    call: Call


@dataclass(slots=True)
class Draft:
    """A target while the calls are read; `folder` is where it was made."""

    name: str
    type: str
    folder: str
    standard: str = ""
    export: str = ""
    sources: list[Item] = field(default_factory=list)
    defines: list[Item] = field(default_factory=list)
    links: list[Item] = field(default_factory=list)
    features: list[Item] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Drafts:
    """All targets, other names for them, and the defines of each folder."""

    libraries: Iterator[tuple[str, ...]]
    targets: dict[str, Draft] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    folders: dict[str, list[Item]] = field(default_factory=lambda: {"": []})

    def find(self, name: str) -> Draft | None:
        """Return the target of a name, or of what the name stands for."""
        return self.targets.get(self.aliases.get(name, name))


def drafted(calls: Iterable[Call], libraries: Iterable[tuple[str, ...]]) -> Drafts:
    """Return what the calls make.

    `libraries` has, for each add_library among them, the library's name and the values
    that CMAKE_CXX_STANDARD and BUILD_SHARED_LIBS had. Raises UserError for a command whose
    meaning only a whole run of cmake knows.
    """
    drafts = Drafts(iter(libraries))
    for call in calls:
        _check_known(call)
        if call.reader and call.folder not in drafts.folders:
            parent = drafts.folders.get(call.reader.folder, [])
            drafts.folders[call.folder] = list(parent)
        if reader := READERS.get(call.command):
            reader(drafts, call)
    return drafts


def _check_known(call: Call) -> None:
    unknown = (
        call.command in ("if", "elseif", "while") and "TARGET" in call.arguments
    ) or (
        call.command in ("set_source_files_properties", "set_property")
        and {"HEADER_FILE_ONLY", "LANGUAGE"} & set(call.arguments)
    )
    if unknown:
        raise UserError(
            f"upstream's lists use {call.command}({' '.join(call.arguments)[:80]}), which "
            "needs a whole run of cmake",
            where=call.place,
            hint="please report it: the quick evaluation does not know the command",
        )


def _add_library(drafts: Drafts, call: Call) -> None:
    name, standard, shared = next(drafts.libraries)
    words = _words(call.arguments[1:])
    if words[:1] == ["ALIAS"]:
        drafts.aliases[name] = words[1]
        return
    if "IMPORTED" in words:
        return
    kind = next((word for word in words if word in KINDS), None)
    if kind is None:
        kind = "STATIC" if shared.upper() in FALSE else "SHARED"
    draft = Draft(name, f"{kind}_LIBRARY", call.folder, standard)
    if kind in ("SHARED", "MODULE"):
        draft.export = f"{name}_EXPORTS"
    drafts.targets[name] = draft
    files = [w for w in words if w not in (*KINDS, "EXCLUDE_FROM_ALL")]
    draft.sources += [Item(file, True, False, call) for file in files]


def _add_executable(drafts: Drafts, call: Call) -> None:
    name = call.arguments[0]
    drafts.targets[name] = Draft(name, "EXECUTABLE", call.folder)


def _items(part: str) -> Callable[[Drafts, Call], None]:
    def read(drafts: Drafts, call: Call) -> None:
        target = _target_of(drafts, call)
        own, passed_on = True, part == "links"
        for word in _words(call.arguments[1:]):
            if word in KEYWORDS:
                if word.endswith(("PRIVATE", "PUBLIC", "INTERFACE")):
                    own, passed_on = word != "INTERFACE", not word.endswith("PRIVATE")
            else:
                getattr(target, part).append(Item(word, own, passed_on, call))

    return read


def _set_property(drafts: Drafts, call: Call) -> None:
    words = _words(call.arguments)
    if "PROPERTIES" in words:
        names, values = _halves(words, "PROPERTIES")
        pairs = list(zip(values[::2], values[1::2], strict=False))
    elif words[:1] == ["TARGET"] and "PROPERTY" in words:
        names, values = _halves(words[1:], "PROPERTY")
        pairs = [(values[0], value) for value in values[1:]]
    else:
        return
    for name in names:
        if draft := drafts.find(name):
            for key, value in pairs:
                if key == "CXX_STANDARD":
                    draft.standard = value
                elif key == "DEFINE_SYMBOL" and draft.export:
                    draft.export = value
                elif key == "COMPILE_DEFINITIONS":
                    draft.defines.append(Item(value, True, False, call))


def _add_defines(drafts: Drafts, call: Call) -> None:
    for word in _words(call.arguments):
        if call.command == "add_compile_definitions" or word.startswith(("-D", "/D")):
            text = word if call.command == "add_compile_definitions" else word[2:]
            drafts.folders[call.folder].append(Item(text, True, False, call))


def _add_dependencies(drafts: Drafts, call: Call) -> None:
    name, *needed = _words(call.arguments)
    if draft := drafts.find(name):
        draft.needs += needed


READERS: Mapping[str, Callable[[Drafts, Call], None]] = {
    "add_library": _add_library,
    "add_executable": _add_executable,
    "add_dependencies": _add_dependencies,
    "add_compile_definitions": _add_defines,
    "add_definitions": _add_defines,
    "target_sources": _items("sources"),
    "target_compile_definitions": _items("defines"),
    "target_compile_features": _items("features"),
    "target_link_libraries": _items("links"),
    "set_target_properties": _set_property,
    "set_property": _set_property,
}


def _target_of(drafts: Drafts, call: Call) -> Draft:
    name = _words(call.arguments)[0] if call.arguments else ""
    draft = drafts.find(name)
    if draft is None:
        # An imported target has nothing of its own to compile.
        return Draft(name, "", "")
    return draft


def _words(arguments: Iterable[str]) -> list[str]:
    """Return arguments with lists taken apart, but not inside of `$<...>`."""
    words = []
    for argument in arguments:
        whole, depth = "", 0
        for part in argument.split(";"):
            whole = f"{whole};{part}" if depth else part
            depth = whole.count("$<") - whole.count(">")
            if depth <= 0 and whole:
                words.append(whole)
                depth = 0
        if depth > 0:
            words.append(whole)
    return words


def _halves(words: list[str], keyword: str) -> tuple[list[str], list[str]]:
    at = words.index(keyword)
    return words[:at], words[at + 1 :]
