#!/bin/bash
# Turn compiled_preamble.h into a C++ function that returns it as a string.
# Arguments: the file to write, the compiler, the root of the sources, TRUE if it is clang
# for macOS, and the processor.
FILE=$1
COMPILER=$2
ROOT=$3
APPLE=$4
PROCESSOR=$5

if [ "$APPLE" = "TRUE" ]; then
  # The standard headers stay includes: whoever compiles an expression has them.
  read -r -d '' STANDARD <<- END
#include <cmath>
#include <cstddef>
END
  FLAGS="-arch ${PROCESSOR} -nostdinc"
else
  FLAGS="-std=c++17"
fi

CONTENT=$($COMPILER $FLAGS -I "$ROOT" -E -P "$ROOT/mlx/backend/cpu/compiled_preamble.h" 2>/dev/null)

cat << END > "$FILE"
const char* get_kernel_preamble() {
  return R"preamble(
$STANDARD
$CONTENT
)preamble";
}
END
