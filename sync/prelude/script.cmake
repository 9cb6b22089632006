# Reads upstream's lists in script mode (cmake -P), where no command that makes a target
# exists. Those below only do what variables of the tree depend on; what upstream calls them
# with is read from cmake's trace.
cmake_minimum_required(VERSION 3.25)

include("${CMAKE_CURRENT_LIST_DIR}/log.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/questions.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/files.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/fetched.cmake")

# ---- targets -----------------------------------------------------------------------

foreach(
  command
  add_compile_definitions add_compile_options add_custom_target add_definitions
  add_dependencies add_executable add_link_options add_test enable_testing export
  include_directories install link_directories mark_as_advanced set_source_files_properties
  set_tests_properties source_group target_compile_definitions target_compile_features
  target_compile_options target_include_directories target_link_directories
  target_link_libraries target_link_options target_precompile_headers target_sources
  configure_package_config_file write_basic_package_version_file ExternalProject_Add)
  cmake_language(EVAL CODE "
    function(${command})
    endfunction()")
endforeach()

# The values of these variables at this moment count for the target.
function(add_library name)
  mlxport_log(library "${name}" "${CMAKE_CXX_STANDARD}" "${BUILD_SHARED_LIBS}")
endfunction()

# Arguments that are lists need no quotes here, unlike where they are passed on.
function(add_custom_command)
  string(ASCII 31 unit)
  string(ASCII 30 record)
  set(line "command${unit}${CMAKE_CURRENT_SOURCE_DIR}${unit}${CMAKE_CURRENT_BINARY_DIR}")
  math(EXPR last "${ARGC} - 1")
  foreach(index RANGE ${last})
    string(APPEND line "${unit}${ARGV${index}}")
  endforeach()
  _file(APPEND "${MLXPORT_ROOT}/log" "${line}${record}")
endfunction()

# ---- properties of targets: global ones, of another name ---------------------------

function(set_target_properties)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "" "PROPERTIES")
  while(arg_PROPERTIES)
    list(POP_FRONT arg_PROPERTIES name value)
    foreach(target IN LISTS arg_UNPARSED_ARGUMENTS)
      _set_property(GLOBAL PROPERTY "MLXPORT_OF_${target}_${name}" "${value}")
    endforeach()
  endwhile()
endfunction()

function(set_property scope)
  if(NOT scope STREQUAL "TARGET")
    mlxport_quote(${ARGC})
    cmake_language(EVAL CODE "_set_property(${mlxport_arguments})")
    return()
  endif()
  cmake_parse_arguments(PARSE_ARGV 1 arg "APPEND;APPEND_STRING" "" "PROPERTY")
  list(POP_FRONT arg_PROPERTY name)
  set(how "")
  if(arg_APPEND OR arg_APPEND_STRING)
    set(how APPEND)
  endif()
  foreach(target IN LISTS arg_UNPARSED_ARGUMENTS)
    _set_property(GLOBAL ${how} PROPERTY "MLXPORT_OF_${target}_${name}" ${arg_PROPERTY})
  endforeach()
endfunction()

function(get_target_property variable target name)
  _get_property(known GLOBAL PROPERTY "MLXPORT_OF_${target}_${name}" SET)
  _get_property(value GLOBAL PROPERTY "MLXPORT_OF_${target}_${name}")
  if(NOT known)
    mlxport_refuse(unanswered "" "get_target_property(${target} ${name})")
  endif()
  set(${variable} "${value}" PARENT_SCOPE)
endfunction()

function(get_property variable scope)
  if(scope STREQUAL "TARGET")
    mlxport_refuse(unanswered "" "get_property(${ARGN})")
  endif()
  if("${ARGN}" STREQUAL "PROPERTY;ENABLED_LANGUAGES")
    set(${variable} C CXX PARENT_SCOPE)
    return()
  endif()
  mlxport_quote(${ARGC})
  cmake_language(EVAL CODE "_get_property(${mlxport_arguments})")
  set(${variable} "${${variable}}" PARENT_SCOPE)
endfunction()

# ---- FetchContent ------------------------------------------------------------------

# As in CMake the first declaration of a name counts.
function(FetchContent_Declare name)
  string(TOLOWER "${name}" lower)
  _get_property(known GLOBAL PROPERTY "MLXPORT_DECLARED_${lower}" SET)
  if(NOT known)
    _set_property(GLOBAL PROPERTY "MLXPORT_DECLARED_${lower}"
                  BINARY_DIR "${CMAKE_BINARY_DIR}/_deps/${lower}-build" ${ARGN})
  endif()
endfunction()

function(FetchContent_SetPopulated name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "SOURCE_DIR;BINARY_DIR" "")
  string(TOLOWER "${name}" lower)
  _set_property(GLOBAL PROPERTY "MLXPORT_POPULATED_${lower}" "${arg_SOURCE_DIR}"
                "${arg_BINARY_DIR}")
  set(${lower}_SOURCE_DIR "${arg_SOURCE_DIR}" PARENT_SCOPE)
  set(${lower}_BINARY_DIR "${arg_BINARY_DIR}" PARENT_SCOPE)
  set(${lower}_POPULATED TRUE PARENT_SCOPE)
endfunction()

macro(FetchContent_MakeAvailable)
  foreach(mlxport_fetched ${ARGV})
    string(TOLOWER "${mlxport_fetched}" mlxport_lower)
    _get_property(mlxport_known GLOBAL PROPERTY "MLXPORT_POPULATED_${mlxport_lower}")
    if(mlxport_known)
      list(GET mlxport_known 0 mlxport_source)
      list(GET mlxport_known 1 mlxport_binary)
      FetchContent_SetPopulated("${mlxport_fetched}" SOURCE_DIR "${mlxport_source}"
                                BINARY_DIR "${mlxport_binary}")
    else()
      _get_property(mlxport_known GLOBAL PROPERTY "MLXPORT_DECLARED_${mlxport_lower}")
      mlxport_provide(script "${mlxport_fetched}" ${mlxport_known})
    endif()
  endforeach()
endmacro()

# ---- projects and folders ----------------------------------------------------------

macro(project name)
  cmake_parse_arguments(mlxport "" "VERSION;DESCRIPTION;HOMEPAGE_URL" "LANGUAGES" ${ARGN})
  foreach(mlxport_language IN LISTS mlxport_LANGUAGES mlxport_UNPARSED_ARGUMENTS)
    enable_language("${mlxport_language}")
  endforeach()
  if(NOT CMAKE_PROJECT_NAME)
    mlxport_start("${name}" "${mlxport_VERSION}")
  endif()
  set(mlxport_parts MAJOR MINOR PATCH TWEAK)
  string(REGEX MATCHALL "[0-9]+" mlxport_numbers "${mlxport_VERSION}")
  foreach(mlxport_prefix PROJECT "${name}")
    set(${mlxport_prefix}_SOURCE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
    set(${mlxport_prefix}_BINARY_DIR "${CMAKE_CURRENT_BINARY_DIR}")
    set(${mlxport_prefix}_VERSION "${mlxport_VERSION}")
    foreach(mlxport_part mlxport_number IN ZIP_LISTS mlxport_parts mlxport_numbers)
      set(${mlxport_prefix}_VERSION_${mlxport_part} "${mlxport_number}")
    endforeach()
  endforeach()
  set(PROJECT_NAME "${name}")
  set("${name}_SOURCE_DIR" "${CMAKE_CURRENT_SOURCE_DIR}" CACHE INTERNAL "")
  set("${name}_BINARY_DIR" "${CMAKE_CURRENT_BINARY_DIR}" CACHE INTERNAL "")
endmacro()

# What CMake learns about the system and the compilers at the first project().
macro(mlxport_start name version)
  _include("${MLXPORT_ROOT}/toolchain.cmake")
  _include("${MLXPORT_ROOT}/answers.cmake")
  set(CMAKE_PROJECT_NAME "${name}")
  set(CMAKE_PROJECT_VERSION "${version}")
  set(CMAKE_SIZEOF_VOID_P 8)
  set(CMAKE_C_COMPILER_LOADED 1)
  set(CMAKE_CXX_COMPILER_LOADED 1)
  # CMake sets the one of this machine in every script.
  unset(UNIX)
  unset(APPLE)
  unset(WIN32)
  if(CMAKE_SYSTEM_NAME STREQUAL "Windows")
    set(WIN32 1)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "MSVC")
      set(MSVC 1)
    endif()
  else()
    set(UNIX 1)
    if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
      set(LINUX 1)
    elseif(CMAKE_SYSTEM_NAME MATCHES "^(Darwin|iOS|tvOS|visionOS|watchOS)$")
      set(APPLE 1)
    endif()
    if(CMAKE_SYSTEM_NAME STREQUAL "iOS")
      set(IOS 1)
    endif()
  endif()
endmacro()

function(add_subdirectory source)
  get_filename_component(
    mlxport_source "${source}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
  if("${ARGV1}" MATCHES "^(EXCLUDE_FROM_ALL|SYSTEM)?$")
    cmake_path(RELATIVE_PATH mlxport_source BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}"
               OUTPUT_VARIABLE mlxport_binary)
  else()
    set(mlxport_binary "${ARGV1}")
  endif()
  if(NOT EXISTS "${mlxport_source}/CMakeLists.txt")
    message(FATAL_ERROR "add_subdirectory: ${source} has no CMakeLists.txt")
  endif()
  get_filename_component(
    CMAKE_CURRENT_BINARY_DIR "${mlxport_binary}" ABSOLUTE
    BASE_DIR "${CMAKE_CURRENT_BINARY_DIR}")
  set(CMAKE_CURRENT_SOURCE_DIR "${mlxport_source}")
  _include("${mlxport_source}/CMakeLists.txt")
endfunction()

# These modules of CMake make targets; the commands that upstream uses of them are above.
set(MLXPORT_REPLACED "^(FetchContent|ExternalProject|CMakePackageConfigHelpers)$")

macro(include file)
  if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
    _include("${CMAKE_CURRENT_SOURCE_DIR}/${file}" ${ARGN})
  elseif(NOT "${file}" MATCHES "${MLXPORT_REPLACED}")
    _include("${file}" ${ARGN})
  endif()
endmacro()

set(CMAKE_SOURCE_DIR "${MLXPORT_TREE}")
set(CMAKE_CURRENT_SOURCE_DIR "${MLXPORT_TREE}")
set(CMAKE_BINARY_DIR "${MLXPORT_ROOT}/build")
set(CMAKE_CURRENT_BINARY_DIR "${MLXPORT_ROOT}/build")
_include("${MLXPORT_TREE}/CMakeLists.txt")
