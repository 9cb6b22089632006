"""Run the real cmake on a tree that it believes to be configured on another machine.

No compiler, package or program of this machine takes part: the prelude answers every
question from a configuration, and one without an answer is an error.
"""

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlxport.cli.errors import UserError

from .configuration import Configuration

PRELUDE = Path(__file__).parent / "prelude"
LEAST_VERSION = (3, 25)
STANDARDS = (98, 11, 14, 17, 20, 23, 26)
UNIT, RECORD = "\x1f", "\x1e"


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of cmake left behind: its File API reply and the prelude's log."""

    tree: Path
    root: Path
    log: tuple[tuple[str, ...], ...]

    @property
    def reply(self) -> Path:
        """Return the folder of the File API reply."""
        return self.root / "build/.cmake/api/v1/reply"

    def named(self, text: str) -> str:
        """Return a path, or a text with paths in it, as it is on every machine.

        A path in the tree becomes relative to it; others begin with `<build>`, or with the
        name of a dependency: `<gguflib>/fp16.c`.
        """
        text = re.sub(
            rf"{re.escape(str(self.root))}/dependencies/([^/]+)", r"<\1>", text
        )
        text = text.replace(f"{self.root}/never-run/", "")
        text = text.replace(f"{self.root}/build", "<build>")
        text = text.replace(f"{self.tree}/", "")
        return text.replace(str(self.tree), "<source>")


def program() -> Path:
    """Return the cmake to run: MLXPORT_CMAKE, the one in the wheel, or the one on PATH."""
    chosen = os.environ.get("MLXPORT_CMAKE")
    try:
        # The wheel's own launcher starts a second Python; its program is right beside it.
        from cmake import CMAKE_BIN_DIR

        wheel = shutil.which("cmake", path=CMAKE_BIN_DIR)
    except ImportError:
        wheel = None
    found = chosen or wheel or shutil.which("cmake")
    if not found:
        raise UserError("there is no cmake", hint="pip install cmake")
    if found != wheel:
        _check_version(found)
    return Path(found)


def _check_version(found: str) -> None:
    try:
        said = subprocess.run(
            [found, "--version"], capture_output=True, text=True, timeout=30, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise UserError(f"is not a cmake that runs: {error}", where=found) from None
    version = re.search(r"version (\d+)\.(\d+)", said)
    if not version or (int(version[1]), int(version[2])) < LEAST_VERSION:
        raise UserError(
            f"cmake 3.25 or newer is needed, not {said.splitlines()[:1]}",
            where=found,
            hint="pip install cmake",
        )


def configure(
    tree: Path, configuration: Configuration, root: Path, timeout_s: float
) -> Run:
    """Let cmake configure `tree`; everything it writes lies under the empty `root`.

    Raises UserError for what cmake says against the tree, for a question that the
    configuration does not answer, and when `timeout_s` seconds are over.
    """
    tree, root = tree.resolve(), root.resolve()
    if not (tree / "CMakeLists.txt").is_file():
        raise UserError(
            "upstream has no CMakeLists.txt, so there is nothing to derive lists from",
            where=str(tree),
        )
    query = root / "build/.cmake/api/v1/query/codemodel-v2"
    query.parent.mkdir(parents=True)
    query.touch()
    never_run = root / "never-run"
    never_run.mkdir()
    # cmake wants the compilers to exist; without the executable bit they cannot start.
    for name in ("cc", "c++"):
        (never_run / name).touch()
    (root / "log").touch()
    (root / "toolchain.cmake").write_text(_toolchain(configuration, never_run))
    (root / "answers.cmake").write_text(_answers(configuration, root))
    cache = {
        "CMAKE_TOOLCHAIN_FILE": root / "toolchain.cmake",
        "CMAKE_PROJECT_TOP_LEVEL_INCLUDES": PRELUDE / "provider.cmake",
        "CMAKE_PROJECT_INCLUDE": PRELUDE / "commands.cmake",
        "CMAKE_MAKE_PROGRAM": never_run / "make",
        "CMAKE_SUPPRESS_REGENERATION": "ON",
        "MLXPORT_ROOT": root,
        **configuration.options,
    }
    command = [
        *(str(program()), "-S", str(tree), "-B", str(root / "build")),
        *("-G", "Unix Makefiles", "--no-warn-unused-cli", "-Wno-dev"),
        *(f"-D{name}={value}" for name, value in cache.items()),
    ]
    code, said = _run(command, root, timeout_s)
    log = tuple(
        tuple(record.split(UNIT))
        for record in (root / "log").read_text("utf-8", "replace").split(RECORD)[:-1]
    )
    if code != 0:
        raise _explained(said, log, tree, configuration)
    return Run(tree, root, log)


def read_json(path: Path) -> Any:
    """Return a JSON document of the reply."""
    return json.loads(path.read_text("utf-8"))


def _run(command: list[str], root: Path, timeout_s: float) -> tuple[int, str]:
    environment = {
        "PATH": "",
        "HOME": str(root),
        "TMPDIR": str(root),
        "LANG": "C.UTF-8",
    }
    if "SYSTEMROOT" in os.environ:  # Windows starts no program without it.
        environment["SYSTEMROOT"] = os.environ["SYSTEMROOT"]
    # A session of its own, so that whatever cmake starts ends with it.
    with subprocess.Popen(
        command,
        env=environment,
        cwd=root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            _, said = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            raise UserError(
                f"cmake did not finish within {timeout_s:g} s",
                hint="look for a loop in upstream's CMakeLists.txt",
            ) from None
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    return process.returncode, said


def _set(name: str, value: object) -> str:
    return f"set({name} [=====[{value}]=====])\n"


def _toolchain(configuration: Configuration, never_run: Path) -> str:
    lines = [_set(name, value) for name, value in configuration.toolchain.items()]
    lines.append(_set("CMAKE_INSTALL_NAME_TOOL", never_run / "install_name_tool"))
    for language, compiler in (("C", "cc"), ("CXX", "c++")):
        start = f"CMAKE_{language}"
        features = [f"{'cxx' if language == 'CXX' else 'c'}_std_{n}" for n in STANDARDS]
        lines += [
            _set(f"{start}_COMPILER", never_run / compiler),
            _set(f"{start}_COMPILER_FORCED", "TRUE"),
            _set(f"{start}_COMPILER_WORKS", "TRUE"),
            _set(f"{start}_COMPILER_ID_RUN", "TRUE"),
            _set(f"{start}_ABI_COMPILED", "TRUE"),
            _set(f"{start}_SIZEOF_DATA_PTR", "8"),
            _set(f"{start}_STANDARD_COMPUTED_DEFAULT", "17"),
            _set(f"{start}_COMPILE_FEATURES", ";".join(features)),
        ]
    return "".join(lines)


def _answers(configuration: Configuration, root: Path) -> str:
    pattern = re.sub(r"([^\w/])", r"\\\1", str(root))
    lines = [_set("MLXPORT_ROOT_PATTERN", pattern)]
    for name in ("APPLE", "LINUX", "UNIX", "WIN32"):
        lines.append(f"unset(CMAKE_HOST_{name})\n")
    lines += [_set(name, value) for name, value in configuration.host.items()]
    for name, value in configuration.find.items():
        lines.append(_set(f"MLXPORT_FIND_{name.encode().hex()}", value))
    for name, package in configuration.packages.items():
        key = f"MLXPORT_PACKAGE_{name.encode().hex()}"
        lines += [_set(key, package.found), *_given(key, package.variables)]
    for name, language in configuration.languages.items():
        lines += _given(f"MLXPORT_LANGUAGE_{name}", language.variables)
    for name, fetched in configuration.fetched.items():
        key = f"MLXPORT_FETCHED_{name.encode().hex()}"
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


def _explained(
    said: str,
    log: tuple[tuple[str, ...], ...],
    tree: Path,
    configuration: Configuration,
) -> UserError:
    """Turn cmake's first error into ours, placed at the line of the tree that caused it."""
    start = re.search(r"^CMake Error", said, re.M)
    text = said[start.start() :] if start else said
    following = re.search(r"^CMake (Error|Warning)|^-- ", text[11:], re.M)
    text = text[: 11 + following.start()] if following else text
    where = _place(text, tree)
    refused = next((record for record in log if record[0] == "refused"), None)
    if refused and refused[1] == "outside":
        return UserError(
            f"upstream's build writes outside its build folder: {refused[3]}",
            where=where,
            hint="sync does not evaluate such a tree",
        )
    if refused and refused[2]:
        return UserError(
            f"upstream's build asks what configuration {configuration.name} does not "
            f"answer: {refused[3]}",
            where=where,
            hint=f"add the answer to [{refused[2]}] in {configuration.file}",
        )
    if refused:
        return UserError(
            f"upstream's build uses what sync cannot evaluate: {refused[3]}",
            where=where,
            hint="only a change of mlxport's sync/prelude/commands.cmake can answer it",
        )
    body = re.sub(r"^CMake Error.*?(:\n|$)", "", text.split("Call Stack")[0], count=1)
    message = " ".join(body.split()) or " ".join(text.split())
    return UserError(f"cmake: {message[:500]}", where=where)


def _place(text: str, tree: Path) -> str | None:
    """Return the innermost `file:line` inside the tree that an error of cmake names."""
    places = re.findall(r"^(?:CMake Error at |  )(.+?):(\d+)(?: \(|:)", text, re.M)
    for file, line in places:
        path = Path(file)
        if path.is_absolute() and path.is_relative_to(tree):
            path = path.relative_to(tree)
        if not path.is_absolute():
            return f"{path.as_posix()}:{line}"
    return None
