#!/bin/sh
# Turn the header $1 into the C++ file $2, which returns it as a string.
set -eu
{
  echo 'const char* get_kernel_preamble() {'
  echo '  return R"preamble('
  grep -v '^#pragma once' "$1"
  echo ')preamble";'
  echo '}'
} > "$2"
