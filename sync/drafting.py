"""Draft the `mlxport.toml` of a wrapper whose layout is recognised."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from .formats.swiftpm import Options
from .layouts import Build, Choice, Layout, Output, Pin, recognise
from .submodules import MODULES
from .wrapper import Wrapper

# What upstream fetches and wrappers vendor, by the names of its folder.
DEPENDENCIES = ("fmt", "json", "metal-cpp", "metal_cpp")
LISTS = "mlx-sources.json"


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of an `mlxport.toml`, what was recognised, and what was not."""

    text: str
    recognised: tuple[str, ...]
    unknown: tuple[str, ...]


def draft(wrapper: Wrapper) -> Draft:
    """Return the config of a wrapper; raises UserError for one that is not recognised."""
    layout = recognise(wrapper)
    vendored = tuple(_vendored(wrapper, layout))
    blocks = [
        *(_upstream(layout, pin) for pin in layout.pins),
        *(_table(f"dependencies.{p.name}", {"folder": str(p)}) for p in vendored),
        *(_configuration(layout, build) for build in layout.builds),
        *([_table("generated", layout.generated)] if layout.generated else []),
        *(_output(output) for output in layout.outputs),
    ]
    unknown = []
    if not layout.outputs:
        blocks.append(f'[[outputs]]\nformat = "json"\npath = "{LISTS}"\n')
        unknown.append(
            f"which build file lists the sources; they will be written to {LISTS}"
        )
    if _mode(layout) == "snapshot":
        unknown += [
            f"whether {pin.folder} is exactly {pin.name} {pin.revision}; the first update "
            "--to it tells"
            for pin in layout.pins
        ]
    found = [
        f"{pin.name} {_shown(pin)} as a {_mode(layout)} in {pin.folder}"
        for pin in layout.pins
    ]
    found += [f"{path.name} in {path}, only watched" for path in vendored]
    found += [f"the configuration {build.name}" for build in layout.builds]
    found += [f"{kind} in {path}" for kind, path in layout.generated.items()]
    found += [f"the lists in {output.path}" for output in layout.outputs]
    return Draft("\n".join(blocks), tuple(found), tuple(unknown))


def _shown(pin: Pin) -> str:
    is_commit = len(pin.revision) in (40, 64)
    return pin.revision[:12] if is_commit else pin.revision


def _mode(layout: Layout) -> str:
    return "submodule" if layout.pins[0].where[0] == MODULES else "snapshot"


def _vendored(wrapper: Wrapper, layout: Layout) -> Iterator[PurePosixPath]:
    """Yield the folders of dependencies beside the first upstream's."""
    beside = layout.pins[0].folder.parent
    for name in DEPENDENCIES:
        if (wrapper.root / beside / name).is_dir():
            yield beside / name


def _upstream(layout: Layout, pin: Pin) -> str:
    values: dict[str, object] = {
        "location": pin.locations[-1],
        "mode": _mode(layout),
        "folder": str(pin.folder),
    }
    if pin.library:
        values["library"] = pin.library
    if pin.take:
        values["take"] = list(pin.take)
    if pin is layout.pins[0] and (shared := _shared_options(layout.builds)):
        values["options"] = shared
    values |= _chosen(choice for choice in pin.choices if not choice.builds)
    return _table(f"upstreams.{pin.name}", values)


def _shared_options(builds: Iterable[Build]) -> dict[str, str]:
    first, *others = builds
    return {
        key: value
        for key, value in first.options.items()
        if all(build.options.get(key) == value for build in others)
    }


def _configuration(layout: Layout, build: Build) -> str:
    shared = _shared_options(layout.builds)
    own = {key: v for key, v in build.options.items() if key not in shared}
    values: dict[str, object] = {"options": own} if own else {}
    for index, pin in enumerate(layout.pins):
        chosen = _chosen(c for c in pin.choices if build.name in c.builds)
        if chosen:
            values |= {pin.name: chosen} if index else chosen
    return _table(f"configurations.{build.name}", values)


def _chosen(choices: Iterable[Choice]) -> dict[str, object]:
    drop: list[str] = []
    substitute: dict[str, str] = {}
    for choice in choices:
        path = choice.path + "?" * choice.optional
        if choice.instead:
            substitute[path] = choice.instead
        else:
            drop.append(path)
    found: dict[str, object] = {}
    if drop:
        found["drop"] = drop
    if substitute:
        found["substitute"] = substitute
    return found


def _output(output: Output) -> str:
    options = output.options
    assert isinstance(options, Options)
    values: dict[str, object] = {
        "format": output.format,
        "path": str(output.path),
        "target": options.target,
        "cover": "quiet" if options.quiet else "smallest",
    }
    if options.defines:
        values["defines"] = list(options.defines)
    places = "\n[outputs.platforms]\n"
    for name, platform in options.platforms.items():
        place: dict[str, object] = {"os": platform.os}
        if platform.environment:
            place["environment"] = dict(platform.environment)
        places += f"{_key(name)} = {_value(place)}\n"
    return f"[[outputs]]\n{_lines(values)}{places}"


def _table(name: str, values: Mapping[str, object]) -> str:
    return f"[{name}]\n{_lines(values)}"


def _lines(values: Mapping[str, object]) -> str:
    return "".join(f"{_key(key)} = {_value(value)}\n" for key, value in values.items())


def _value(value: object) -> str:
    """Return a value as TOML writes it; long arrays take a line for each item."""
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items())
        return f"{{ {pairs} }}"
    if isinstance(value, list):
        return f"[{', '.join(_value(item) for item in value)}]"
    # JSON escapes a string as TOML does.
    return json.dumps(value, ensure_ascii=False)


def _key(key: str) -> str:
    return key if key.replace("-", "").replace("_", "").isalnum() else json.dumps(key)
