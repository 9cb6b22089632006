#!/bin/bash
# Turn a kernel and the headers it includes into a C++ function that returns their text.
# Arguments: the folder to write into, the C compiler, the root of the sources, and the
# kernel, as a path in kernels/ without its ending.
FOLDER=$1
COMPILER=$2
ROOT=$3
KERNEL=$4
NAME=$(basename -- "${KERNEL}")
HEADER=${ROOT}/mlx/backend/metal/kernels/${KERNEL}.h

mkdir -p "$FOLDER"

# One line a header: a dot for each level, and its path. Those of the system are not ours.
METAL="xcrun -sdk macosx metal -x metal"
LISTED=$($METAL -I"$ROOT" -DMLX_METAL_JIT -E -H "$HEADER" 2>&1 1>/dev/null)
OURS=$(echo "$LISTED" | grep -F "$ROOT/")

# A header comes after those that it includes: it waits until its level is closed.
ORDERED=$(echo "$OURS" | awk -v root="$ROOT/" '
  { level = length($1); while (open >= level) print waiting[open--]
    sub(/^\.+ /, ""); sub(root, ""); waiting[++open] = $0 }
  END { while (open > 0) print waiting[open--] }')

CONTENT=$(
for header in $ORDERED "${HEADER#$ROOT/}"
do
  echo "#line 1 \"${header}\""
  grep -v -e "#pragma once" -e "#include \".*\"" "${ROOT}/${header}"
done
)

cat << END > "${FOLDER}/${NAME}.cpp"
namespace mlx::core::metal {

const char* $NAME() {
  return R"kernel(
$CONTENT
)kernel";
}

}  // namespace mlx::core::metal
END
