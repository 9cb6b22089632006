# Puts our own commands in place of those that ask the machine, run a program or write a
# file. CMAKE_PROJECT_INCLUDE reads it at the end of the first project() call: CMake's own
# modules, which look at the compilers, have then run with the real commands.
include_guard(GLOBAL)

# A later project() of the tree may name a language that the first did not; enabling it
# then would run those modules with our commands.
enable_language(C)
enable_language(CXX)

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

# ---- no effect here ----------------------------------------------------------------

foreach(command install export)
  cmake_language(EVAL CODE "
    function(${command})
    endfunction()")
endforeach()

# ---- files -------------------------------------------------------------------------

# `path` is relative to `base`, as the command at hand takes it.
function(mlxport_check_written command path base)
  cmake_path(ABSOLUTE_PATH path BASE_DIRECTORY "${base}" NORMALIZE OUTPUT_VARIABLE whole)
  set(build "${MLXPORT_ROOT}/build")
  cmake_path(IS_PREFIX build "${whole}" inside)
  if(NOT inside)
    mlxport_refuse(outside "" "${command} ${path}")
  endif()
endfunction()

# It reads the variables of its caller, so ours must have names that no caller uses.
function(configure_file)
  mlxport_check_written(configure_file "${ARGV1}" "${CMAKE_CURRENT_BINARY_DIR}")
  mlxport_quote(${ARGC})
  cmake_language(EVAL CODE "_configure_file(${mlxport_arguments})")
endfunction()

# Finds which arguments are written to and which are variables that it sets.
function(file)
  set(mlxport_action "${ARGV0}")
  set(mlxport_written "")
  set(mlxport_results "")
  set(mlxport_base "${CMAKE_CURRENT_SOURCE_DIR}")
  if(mlxport_action MATCHES "^(WRITE|APPEND)$")
    set(mlxport_written "${ARGV1}")
  elseif(mlxport_action MATCHES "^(TOUCH|TOUCH_NOCREATE|MAKE_DIRECTORY|REMOVE|REMOVE_RECURSE)$")
    set(mlxport_written ${ARGN})
    list(REMOVE_AT mlxport_written 0)
  elseif(mlxport_action MATCHES "^(RENAME|COPY_FILE|CREATE_LINK)$")
    set(mlxport_written "${ARGV1}" "${ARGV2}")
    cmake_parse_arguments(mlxport "" "RESULT" "" ${ARGN})
    set(mlxport_results ${mlxport_RESULT})
  elseif(mlxport_action MATCHES "^(READ|STRINGS|SIZE|READ_SYMLINK|REAL_PATH|TIMESTAMP)$"
         OR mlxport_action MATCHES "^(MD5|SHA1|SHA224|SHA256|SHA384|SHA512|SHA3_[0-9]+)$"
         OR mlxport_action MATCHES "^TO_(CMAKE|NATIVE)_PATH$")
    set(mlxport_results "${ARGV2}")
  elseif(mlxport_action MATCHES "^(GLOB|GLOB_RECURSE|RELATIVE_PATH)$")
    set(mlxport_results "${ARGV1}")
  elseif(mlxport_action MATCHES "^(COPY|INSTALL)$")
    cmake_parse_arguments(mlxport "" "DESTINATION" "" ${ARGN})
    set(mlxport_written "${mlxport_DESTINATION}")
    set(mlxport_base "${CMAKE_CURRENT_BINARY_DIR}")
  elseif(mlxport_action MATCHES "^(CONFIGURE|GENERATE)$")
    cmake_parse_arguments(mlxport "" "OUTPUT" "" ${ARGN})
    set(mlxport_written "${mlxport_OUTPUT}")
    set(mlxport_base "${CMAKE_CURRENT_BINARY_DIR}")
  elseif(mlxport_action STREQUAL "DOWNLOAD")
    # Nothing is fetched: an empty file stands in, and the address is logged.
    mlxport_check_written("file(DOWNLOAD)" "${ARGV2}" "${CMAKE_CURRENT_BINARY_DIR}")
    cmake_path(GET ARGV2 FILENAME mlxport_name)
    mlxport_log(dependency "${mlxport_name}" "${ARGV1}" "")
    _file(WRITE "${ARGV2}" "")
    return()
  else()
    mlxport_refuse(unanswered "" "file(${mlxport_action})")
  endif()
  foreach(mlxport_path IN LISTS mlxport_written)
    mlxport_check_written("file(${mlxport_action})" "${mlxport_path}" "${mlxport_base}")
  endforeach()
  mlxport_quote(${ARGC})
  cmake_language(EVAL CODE "_file(${mlxport_arguments})")
  foreach(mlxport_name IN LISTS mlxport_results)
    set(${mlxport_name} "${${mlxport_name}}" PARENT_SCOPE)
  endforeach()
endfunction()

# ---- targets -----------------------------------------------------------------------

function(add_custom_command)
  mlxport_quote(${ARGC})
  cmake_language(
    EVAL CODE
    "mlxport_log(command [=====[${CMAKE_CURRENT_SOURCE_DIR}]=====]
                 [=====[${CMAKE_CURRENT_BINARY_DIR}]=====] ${mlxport_arguments})
     _add_custom_command(${mlxport_arguments})")
endfunction()

# Sources inside a dependency become empty files: CMake wants every source to exist.
function(mlxport_stand_in)
  foreach(argument IN LISTS ARGN)
    if(argument MATCHES "(${MLXPORT_ROOT_PATTERN}/dependencies/[^;>]+\\.[A-Za-z]+)")
      set(path "${CMAKE_MATCH_1}")
      if(NOT EXISTS "${path}")
        _file(WRITE "${path}" "")
      endif()
    endif()
  endforeach()
endfunction()

foreach(command add_library add_executable target_sources)
  cmake_language(EVAL CODE "
    function(${command})
      mlxport_stand_in(\${ARGV})
      mlxport_quote(\${ARGC})
      cmake_language(EVAL CODE \"_${command}(\${mlxport_arguments})\")
    endfunction()")
endforeach()

function(target_link_libraries)
  string(REGEX MATCHALL "[A-Za-z0-9_.+-]+::[A-Za-z0-9_.+:-]+" names "${ARGV}")
  set_property(GLOBAL APPEND PROPERTY MLXPORT_LINKED ${names})
  mlxport_quote(${ARGC})
  cmake_language(EVAL CODE "_target_link_libraries(${mlxport_arguments})")
endfunction()

# A target of a package that was not really found comes into being here, after upstream had
# its chance to make one of that name.
function(mlxport_make_linked)
  get_property(names GLOBAL PROPERTY MLXPORT_LINKED)
  list(REMOVE_DUPLICATES names)
  foreach(name IN LISTS names)
    if(NOT TARGET "${name}")
      _add_library("${name}" INTERFACE IMPORTED GLOBAL)
    endif()
  endforeach()
endfunction()

cmake_language(DEFER DIRECTORY "${CMAKE_SOURCE_DIR}" CALL mlxport_make_linked)
