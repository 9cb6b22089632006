"""A C preprocessor that writes what `clang -E -P` writes, with no compiler or system header."""
