"""What upstream compiles in one configuration, and why."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """A file of upstream's tree that is compiled, by its posix path in the tree.

    A file of a fetched dependency is `<gguflib>/fp16.c`. `origin` is the line of
    upstream's CMake that adds the file: `mlx/CMakeLists.txt:3`.
    """

    path: str
    origin: str


@dataclass(frozen=True, slots=True, order=True)
class Generated:
    """A file that upstream's build makes and compiles.

    `path` is relative to the build folder: `mlx/backend/metal/jit/sort.cpp`. `commands`
    make it, from `depends`: paths in the tree, `<build>/...`, or names of targets.
    """

    path: str
    origin: str
    commands: tuple[tuple[str, ...], ...] = ()
    depends: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the file's name without its folder."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True, order=True)
class Dependency:
    """A project that upstream's build fetches: its address and its tag, commit or hash."""

    name: str
    url: str
    ref: str


@dataclass(frozen=True, slots=True, order=True)
class Library:
    """Another library that upstream's build compiles and links into its own.

    Those of its sources that lie in the tree are among `FileLists.sources` too.
    """

    name: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class FileLists:
    """Everything one configuration compiles; every sequence is sorted.

    `defines` are `NAME` or `NAME=VALUE`; `standard` is that of C++: `c++20`.
    `excluded_cuda` are the files of the CUDA backend that must not be compiled. `made`
    are what else the build makes: headers, kernels and libraries of them.
    `unused_options` are options of the configuration that this upstream does not have.
    `kernels` are the Metal kernels that are compiled ahead of time.
    """

    config: str
    sources: tuple[Source, ...]
    generated: tuple[Generated, ...]
    defines: tuple[str, ...]
    standard: str
    dependencies: tuple[Dependency, ...]
    linked: tuple[Library, ...] = ()
    excluded_cuda: tuple[str, ...] = ()
    unused_options: tuple[str, ...] = ()
    kernels: tuple[str, ...] = ()
    made: tuple[Generated, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the paths of `sources`."""
        return tuple(source.path for source in self.sources)
