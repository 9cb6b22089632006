# Write gen/cuda_jit_sources.h: files as arrays of bytes. The caller gives
# MLX_SOURCE_ROOT, and MLX_JIT_SOURCES below it with colons between them.

# Put the hexadecimal digits in VARIABLE on lines of their own.
function(split_lines VARIABLE AT_COLUMN COLUMNS)
  string(REPEAT "." ${COLUMNS} line)
  string(REGEX REPLACE "(${line})" "\n \\1" text "${${VARIABLE}}")
  string(LENGTH "${${VARIABLE}}" length)
  math(EXPR rest "${length} % ${COLUMNS}")
  if(rest)
    string(LENGTH "${text}" length)
    math(EXPR start "${length} - ${rest}")
    string(SUBSTRING "${text}" 0 ${start} before)
    string(SUBSTRING "${text}" ${start} -1 after)
    set(text "${before}\n ${after}")
  endif()
  set(${VARIABLE}
      "${text}"
      PARENT_SCOPE)
endfunction()

function(bin2h)
  cmake_parse_arguments(arg "NULL_TERMINATE" "VARIABLE_NAME;HEADER_NAMESPACE"
                        "SOURCE_FILES" ${ARGN})
  set(out "#pragma once\n\nnamespace ${arg_HEADER_NAMESPACE} {\n\n")
  foreach(file ${arg_SOURCE_FILES})
    get_filename_component(name ${file} NAME_WE)
    string(MAKE_C_IDENTIFIER ${name} name)
    file(READ ${file} digits HEX)
    if(arg_NULL_TERMINATE)
      string(APPEND digits 00)
    endif()
    split_lines(digits AT_COLUMN 24)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" " 0x\\1," digits "${digits}")
    string(APPEND out "constexpr char ${arg_VARIABLE_NAME}_${name}[] = {${digits}\n};\n\n")
  endforeach()
  file(WRITE gen/cuda_jit_sources.h "${out}} // namespace ${arg_HEADER_NAMESPACE}\n")
endfunction()

string(REPLACE ":" ";" files ${MLX_JIT_SOURCES})
list(TRANSFORM files PREPEND ${MLX_SOURCE_ROOT}/)

bin2h(
  SOURCE_FILES
  ${files}
  NULL_TERMINATE
  VARIABLE_NAME
  "jit_source"
  HEADER_NAMESPACE
  "mlx::core"
)
