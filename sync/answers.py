"""Write a configuration as the CMake code that cmake and the prelude read."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from .configuration import Configuration

STANDARDS = (98, 11, 14, 17, 20, 23, 26)


def toolchain(configuration: Configuration, never_run: Path) -> str:
    """Return a toolchain file whose compilers and SDK, in `never_run`, need no trial."""
    lines = [_set(name, value) for name, value in configuration.toolchain.items()]
    if sdk := configuration.sdk:
        lines.append(_set("CMAKE_OSX_SYSROOT", never_run / sdk))
    lines.append(_set("CMAKE_INSTALL_NAME_TOOL", never_run / "install_name_tool"))
    for language, compiler in (("C", "cc"), ("CXX", "c++")):
        start = f"CMAKE_{language}"
        features = [f"{language.lower()}_std_{number}" for number in STANDARDS]
        lines += [
            _set(f"{start}_COMPILER", never_run / compiler),
            _set(f"{start}_COMPILER_FORCED", "TRUE"),
            _set(f"{start}_COMPILER_WORKS", "TRUE"),
            _set(f"{start}_COMPILER_ID_RUN", "TRUE"),
            _set(f"{start}_ABI_COMPILED", "TRUE"),
            _set(f"{start}_SIZEOF_DATA_PTR", "8"),
            _set(f"{start}_STANDARD_COMPUTED_DEFAULT", "17"),
            _set(f"{start}_STANDARD_DEFAULT", "17"),
            _set(f"{start}_COMPILE_FEATURES", ";".join(features)),
        ]
        # By these a feature that a target asks for raises its standard.
        lines += [
            _set(f"{start}{number}_COMPILE_FEATURES", feature)
            for number, feature in zip(STANDARDS, features, strict=True)
        ]
    return "".join(lines)


def answers(configuration: Configuration, root: Path) -> str:
    """Return the variables in which the prelude looks up its answers.

    Names are in hexadecimal: that of a header could not be part of a variable's.
    """
    pattern = re.sub(r"([^\w/])", r"\\\1", str(root))
    lines = [_set("MLXPORT_ROOT_PATTERN", pattern)]
    lines += [f"unset(CMAKE_HOST_{n})\n" for n in ("APPLE", "LINUX", "UNIX", "WIN32")]
    lines += [_set(name, value) for name, value in configuration.host.items()]
    for name, value in configuration.find.items():
        lines.append(_set(f"MLXPORT_FIND_{_hex(name)}", value))
    for name, package in configuration.packages.items():
        key = f"MLXPORT_PACKAGE_{_hex(name)}"
        lines += [_set(key, package.found), *_given(key, package.variables)]
    for name, language in configuration.languages.items():
        lines += _given(f"MLXPORT_LANGUAGE_{name}", language.variables)
    for name, fetched in configuration.fetched.items():
        key = f"MLXPORT_FETCHED_{_hex(name)}"
        lines.append(_set(f"{key}_PROJECT", fetched.project))
        lines.append(_set(f"{key}_FILES", ";".join(fetched.files)))
    count = len(configuration.processes)
    lines.append(_set("MLXPORT_PROCESSES", ";".join(map(str, range(count)))))
    for index, (text, output) in enumerate(configuration.processes.items()):
        lines.append(_set(f"MLXPORT_PROCESS_TEXT_{index}", text))
        lines.append(_set(f"MLXPORT_PROCESS_OUTPUT_{index}", output))
    return "".join(lines)


def _given(key: str, variables: Mapping[str, str]) -> Iterator[str]:
    yield _set(f"{key}_NAMES", ";".join(variables))
    for name, value in variables.items():
        yield _set(f"{key}_VALUE_{name}", value)


def _hex(name: str) -> str:
    return name.encode().hex()


def _set(name: str, value: object) -> str:
    return f"set({name} [=====[{value}]=====])\n"
