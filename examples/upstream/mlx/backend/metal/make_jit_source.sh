#!/bin/sh
# Turn the kernel $1 into the C++ file $2, whose function $3 returns it.
set -eu
mkdir -p "$(dirname "$2")"
{
  echo 'namespace mlx::core::metal {'
  echo "const char* $3() {"
  echo '  return R"kernel('
  grep -v -e '^#pragma once' -e '^#include "' "$1"
  echo ')kernel";'
  echo '}'
  echo '}  // namespace mlx::core::metal'
} > "$2"
