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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlxport.cli.errors import UserError

from . import sandbox
from .answers import answers, toolchain
from .cmakeerrors import explained
from .configuration import Configuration

PRELUDE = Path(__file__).parent / "prelude"
LEAST_VERSION = (3, 25)
UNIT, RECORD = "\x1f", "\x1e"


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of cmake left behind: its File API reply and the prelude's log.

    `unused` are options of the configuration that the tree does not know.
    """

    tree: Path
    root: Path
    log: tuple[tuple[str, ...], ...]
    unused: tuple[str, ...]

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
    return Path(found).absolute()


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
            f"cmake 3.25 or newer is needed, not {said.strip()[:60]!r}",
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
    tree, root = prepared(tree, configuration, root)
    query = root / "build/.cmake/api/v1/query/codemodel-v2"
    query.parent.mkdir(parents=True)
    query.touch()
    cache = {
        "CMAKE_TOOLCHAIN_FILE": root / "toolchain.cmake",
        "CMAKE_PROJECT_TOP_LEVEL_INCLUDES": PRELUDE / "provider.cmake",
        "CMAKE_PROJECT_INCLUDE": PRELUDE / "commands.cmake",
        "CMAKE_MAKE_PROGRAM": root / "never-run/make",
        # CMake's own modules would start it to learn about this machine.
        "CMAKE_UNAME": "OFF",
        "CMAKE_SUPPRESS_REGENERATION": "ON",
        "MLXPORT_ROOT": root,
        **configuration.options,
    }
    command = [
        *(str(program()), "-S", str(tree), "-B", str(root / "build")),
        *("-G", "Unix Makefiles", "-Wno-dev"),
        *(f"-D{name}={value}" for name, value in cache.items()),
    ]
    code, said = run_program(command, root, root, timeout_s)
    log = read_log(root)
    unused = re.search(
        r"variables were not used by the project:\n\n((?:    .*\n)+)", said
    )
    names = set(unused[1].split()) if unused else set()
    run = Run(tree, root, log, tuple(sorted(names & configuration.options.keys())))
    if code != 0:
        raise explained(run.named(said), log, configuration)
    return run


def prepared(tree: Path, configuration: Configuration, root: Path) -> tuple[Path, Path]:
    """Write what the prelude reads below `root`; return both paths without links.

    Raises UserError for a tree without CMakeLists.txt.
    """
    tree, root = tree.resolve(), root.resolve()
    if not (tree / "CMakeLists.txt").is_file():
        raise UserError(
            "upstream has no such file, so there is nothing to derive lists from",
            where="CMakeLists.txt",
        )
    never_run = root / "never-run"
    never_run.mkdir()
    # cmake wants the compilers to exist; without the executable bit they cannot start.
    for name in ("cc", "c++"):
        (never_run / name).touch()
    if configuration.sdk:
        (never_run / configuration.sdk).mkdir()
    (root / "log").touch()
    (root / "toolchain.cmake").write_text(toolchain(configuration, never_run))
    (root / "answers.cmake").write_text(answers(configuration, root))
    return tree, root


def read_log(root: Path) -> tuple[tuple[str, ...], ...]:
    """Return the records of the prelude's log below `root`."""
    return tuple(
        tuple(record.split(UNIT))
        for record in (root / "log").read_text("utf-8", "replace").split(RECORD)[:-1]
    )


def read_json(path: Path) -> Any:
    """Return a JSON document of the reply."""
    return json.loads(path.read_text("utf-8"))


def run_program(
    command: list[str], root: Path, folder: Path, timeout_s: float
) -> tuple[int, str]:
    """Run cmake in `folder`; it writes below `root` only. Return its code and errors."""
    try:
        process = sandbox.start(
            command,
            root,
            env={"PATH": "", "HOME": str(root), "TMPDIR": str(root), "LANG": "C.UTF-8"},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            # A session of its own, so that whatever cmake starts ends with it.
            start_new_session=True,
        )
    except OSError as error:
        raise UserError(f"does not start: {error.strerror}", where=command[0]) from None
    with process:
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
