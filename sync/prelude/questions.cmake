# Answers from the configuration in place of the machine; a question without an answer is an
# error.
cmake_policy(SET CMP0054 NEW)
cmake_policy(SET CMP0057 NEW)

include("${MLXPORT_ROOT}/answers.cmake")

# ---- how a command of ours ends ----------------------------------------------------

function(mlxport_refuse kind table question)
  mlxport_log(refused "${kind}" "${table}" "${question}")
  message(FATAL_ERROR "mlxport: ${kind}: ${question}")
endfunction()

# Put the arguments of the function at hand in `mlxport_arguments`, ready for EVAL CODE. In
# brackets each stays as it is: empty, with a semicolon, with a backslash. A newline after
# the bracket does not count; one is written so that one of the argument's own does.
macro(mlxport_quote count)
  set(mlxport_arguments "")
  if(${count} GREATER 0)
    math(EXPR mlxport_last "${count} - 1")
    foreach(mlxport_index RANGE ${mlxport_last})
      string(APPEND mlxport_arguments " [=====[\n${ARGV${mlxport_index}}]=====]")
    endforeach()
  endif()
endmacro()

# ---- questions about the machine ---------------------------------------------------

function(mlxport_find mlxport_command mlxport_variable)
  if(DEFINED ${mlxport_variable} AND NOT "${${mlxport_variable}}" MATCHES "-NOTFOUND$")
    return()
  endif()
  cmake_parse_arguments(
    arg
    "REQUIRED;OPTIONAL;NO_CACHE;NAMES_PER_DIR;NO_DEFAULT_PATH;NO_SYSTEM_ENVIRONMENT_PATH"
    "DOC;VALIDATOR;REGISTRY_VIEW"
    "NAMES;HINTS;PATHS;PATH_SUFFIXES"
    ${ARGN})
  set(names ${arg_NAMES})
  if(NOT names)
    list(GET ARGN 0 names)
  endif()
  set(answered FALSE)
  set(result "${mlxport_variable}-NOTFOUND")
  foreach(name IN LISTS names)
    string(HEX "${name}" key)
    if(DEFINED MLXPORT_FIND_${key})
      set(answered TRUE)
      set(answer "${MLXPORT_FIND_${key}}")
      if(answer STREQUAL "ON")
        set(result "/never-read/${name}")
        if(mlxport_command STREQUAL "find_path")
          set(result "/never-read")
        endif()
        break()
      elseif(NOT answer STREQUAL "OFF")
        set(result "${answer}")
        break()
      endif()
    endif()
  endforeach()
  if(NOT answered)
    mlxport_refuse(unanswered find "${mlxport_command}(${mlxport_variable} ${names})")
  endif()
  if(arg_REQUIRED AND result MATCHES "-NOTFOUND$")
    message(FATAL_ERROR "${mlxport_command}: the configuration says there is no ${names}")
  endif()
  set(${mlxport_variable} "${result}" CACHE INTERNAL "" FORCE)
endfunction()

foreach(command find_library find_path find_file find_program)
  cmake_language(EVAL CODE "
    function(${command})
      mlxport_find(${command} \${ARGV})
    endfunction()")
endforeach()

# Set the variables of an answer in the scope that asked.
macro(mlxport_give prefix)
  foreach(mlxport_name IN LISTS ${prefix}_NAMES)
    set(${mlxport_name} "${${prefix}_VALUE_${mlxport_name}}" PARENT_SCOPE)
  endforeach()
endmacro()

function(find_package name)
  string(HEX "${name}" key)
  if(NOT DEFINED MLXPORT_PACKAGE_${key})
    mlxport_refuse(unanswered packages "find_package(${name})")
  endif()
  string(TOUPPER "${name}" upper)
  if(MLXPORT_PACKAGE_${key})
    mlxport_give(MLXPORT_PACKAGE_${key})
  elseif("REQUIRED" IN_LIST ARGN)
    message(FATAL_ERROR "find_package: the configuration says there is no ${name}")
  endif()
  set(${name}_FOUND "${MLXPORT_PACKAGE_${key}}" PARENT_SCOPE)
  set(${upper}_FOUND "${MLXPORT_PACKAGE_${key}}" PARENT_SCOPE)
endfunction()

function(execute_process)
  set(words "")
  set(in_command FALSE)
  foreach(word IN LISTS ARGN)
    if(word STREQUAL "COMMAND")
      set(in_command TRUE)
    elseif(word MATCHES "^(WORKING_DIRECTORY|TIMEOUT|RESULTS?_VARIABLE|INPUT_FILE|ENCODING)$"
           OR word MATCHES "^(OUTPUT|ERROR)_(VARIABLE|FILE|QUIET|STRIP_TRAILING_WHITESPACE)$"
           OR word MATCHES "^(COMMAND_(ECHO|ERROR_IS_FATAL)|ECHO_(OUTPUT|ERROR)_VARIABLE)$")
      set(in_command FALSE)
    elseif(in_command)
      string(APPEND words " ${word}")
    endif()
  endforeach()
  cmake_parse_arguments(
    PARSE_ARGV 0 arg "" "OUTPUT_VARIABLE;ERROR_VARIABLE;RESULT_VARIABLE;RESULTS_VARIABLE"
    "COMMAND")
  string(STRIP "${words}" words)
  set(answered FALSE)
  foreach(index IN LISTS MLXPORT_PROCESSES)
    string(FIND "${words}" "${MLXPORT_PROCESS_TEXT_${index}}" at)
    if(NOT at EQUAL -1)
      set(answered TRUE)
      set(output "${MLXPORT_PROCESS_OUTPUT_${index}}")
      break()
    endif()
  endforeach()
  if(NOT answered)
    mlxport_refuse(unanswered processes "execute_process(COMMAND ${words})")
  endif()
  foreach(name ERROR_VARIABLE RESULT_VARIABLE RESULTS_VARIABLE OUTPUT_VARIABLE)
    set(value "")
    if(name MATCHES "^RESULT")
      set(value 0)
    elseif(name STREQUAL "OUTPUT_VARIABLE")
      set(value "${output}")
    endif()
    if(arg_${name})
      set(${arg_${name}} "${value}" PARENT_SCOPE)
    endif()
  endforeach()
endfunction()

function(enable_language name)
  if(name MATCHES "^(C|CXX|NONE)$")
    return()
  endif()
  if(NOT DEFINED MLXPORT_LANGUAGE_${name}_NAMES)
    mlxport_refuse(unanswered languages "enable_language(${name})")
  endif()
  mlxport_give(MLXPORT_LANGUAGE_${name})
endfunction()

# Nothing in a configuration answers these: they need a compiler, or are about the host.
foreach(command try_compile try_run cmake_host_system_information site_name)
  cmake_language(EVAL CODE "
    function(${command})
      mlxport_refuse(unanswered \"\" \"${command}(\${ARGN})\")
    endfunction()")
endforeach()
