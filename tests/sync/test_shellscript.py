import pytest

from mlxport.cli.errors import UserError
from mlxport.sync.shellscript import read_script

SCRIPT = """\
#!/bin/bash
# A comment with $(anything)
OUT=$1
CC=$2
ROOT=$3
FILE=$4
NAME=$(basename -- "${FILE}")
INPUT=${ROOT}/kernels/${FILE}.h

mkdir -p "$OUT"
if [ "$CC" = "cc" ]; then
  read -r -d '' HEAD <<- EOM
#include <cmath>
EOM
  FLAGS="-arch arm64 -nostdinc"
else
  FLAGS="-std=c++17"
fi
if [ -n "$LISTED" ]; then
  echo "LISTED" >&2
  exit 1
fi
CONTENT=$($CC $FLAGS -I"$ROOT" -I "$ROOT/jit" -DJIT -DN=2 -E -P "$INPUT" 2>/dev/null)

cat << EOF > "$OUT/$NAME.cpp"
$HEAD
const char* $NAME() { return R"($CONTENT)"; }
EOF
"""
LISTING = """\
LISTED=$(cc -E -H "$1" 2>&1 1>/dev/null)
CONTENT=$(
echo "// for ${1#$2/}"
for header in "${ALL[@]}"
do
  echo "#line 1 \\"${header}\\""

  grep -h -v -G -e "#include \\".*.h\\"" -e "#pragma once" "${2}/${header}"
  echo ""
done
echo "//"
)
cat << EOF > out
$CONTENT
EOF
"""


def test_what_a_script_would_do():
    script = read_script("make.sh", SCRIPT, ["out", "cc", "<source>", "steel/gemm"])
    wanted = script.preprocessing
    assert wanted.folders == ("<source>", "<source>/jit")
    assert wanted.defines == {"JIT": "1", "N": "2"}
    assert wanted.input == "<source>/kernels/steel/gemm.h"
    assert (wanted.processor, wanted.standalone) == ("arm64", True)
    assert (wanted.lists_headers, wanted.marks_lines) == (False, False)
    # Neither a variable nor an escape is looked for in what the preprocessor prints.
    assert script.filled("a $NAME \\n\n\n") == (
        '#include <cmath>\nconst char* gemm() { return R"(a $NAME \\n)"; }\n'
    )


def test_the_branch_that_is_not_taken():
    script = read_script("make.sh", SCRIPT, ["out", "c++", "<source>", "a"])
    assert not script.preprocessing.standalone
    with pytest.raises(
        UserError, match=r"make.sh:26: mlxport cannot tell what \$HEAD is"
    ):
        script.filled("")


def test_a_loop_over_headers():
    script = read_script("make.sh", LISTING, ["<source>/a.h", "<source>"])
    files = {
        "<source>/b.h": '#pragma once\n#include "c.h"\n#include <d>\nb\n\nb',
        "<source>/a.h": "",
    }
    assert script.preprocessing.lists_headers
    assert script.printed(["b.h", "a.h"], files.__getitem__) == (
        "// for a.h\n"
        '#line 1 "b.h"\n#include <d>\nb\n\nb\n\n'
        '#line 1 "a.h"\n\n'
        "//\n"
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param("-E -P", "-M", "finds no preprocessor", id="no preprocessor"),
        pytest.param("cat <<", "tac <<", "finds no text", id="no text"),
        pytest.param('"$INPUT"', "", "which file is preprocessed", id="no input"),
        pytest.param('"$INPUT"', '"$INPUT', "cannot read this", id="an open quote"),
        pytest.param("const char", "$(date)", "cannot read this", id="a command in it"),
        pytest.param("const char", "$DATE", "what $DATE is", id="an unknown variable"),
        pytest.param("}\nEOF", "}\n", "has no end 'EOF'", id="no end"),
    ],
)
def test_a_script_that_does_something_else(old, new, said):
    assert old in SCRIPT

    def fill():
        text = SCRIPT.replace(old, new)
        return read_script("make.sh", text, ["o", "cc", "r", "a"]).filled("")

    with pytest.raises(UserError) as raised:
        fill()
    assert said in str(raised.value)
    assert "make.sh" in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param('echo "//"', "date", "cannot read this: date", id="a command"),
        pytest.param("-h -v", "-h", "cannot read this: grep", id="grep that keeps"),
        pytest.param(
            "#pragma once", "a\\+", "the patterns of this grep", id="a pattern"
        ),
    ],
)
def test_a_loop_that_does_something_else(old, new, said):
    assert old in LISTING
    script = read_script("make.sh", LISTING.replace(old, new), ["<source>/a.h", "s"])
    with pytest.raises(UserError) as raised:
        script.printed(["a.h"], lambda path: "x")
    assert said in str(raised.value)
    assert str(raised.value).startswith("make.sh:")
