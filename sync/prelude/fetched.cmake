# Stands in for a dependency that FetchContent would fetch, and logs where it is.

macro(mlxport_provide method name)
  cmake_parse_arguments(
    mlxport "" "URL;URL_HASH;GIT_REPOSITORY;GIT_TAG;SOURCE_DIR;BINARY_DIR" "" ${ARGN})
  string(TOLOWER "${name}" mlxport_lower)
  set(mlxport_local FALSE)
  if(NOT mlxport_URL AND NOT mlxport_GIT_REPOSITORY)
    cmake_path(IS_PREFIX CMAKE_SOURCE_DIR "${mlxport_SOURCE_DIR}" NORMALIZE mlxport_local)
  endif()
  if(mlxport_local)
    # A folder of the tree that upstream treats as a dependency is still its own code.
    add_subdirectory("${mlxport_SOURCE_DIR}" "${mlxport_BINARY_DIR}")
  else()
    set(mlxport_SOURCE_DIR "${MLXPORT_ROOT}/dependencies/${mlxport_lower}")
    if(mlxport_GIT_REPOSITORY)
      mlxport_log(dependency "${name}" "${mlxport_GIT_REPOSITORY}" "${mlxport_GIT_TAG}")
    else()
      mlxport_log(dependency "${name}" "${mlxport_URL}" "${mlxport_URL_HASH}")
    endif()
    _file(MAKE_DIRECTORY "${mlxport_SOURCE_DIR}")
    string(HEX "${name}" mlxport_key)
    foreach(mlxport_path IN LISTS MLXPORT_FETCHED_${mlxport_key}_FILES)
      _file(WRITE "${mlxport_SOURCE_DIR}/${mlxport_path}" "")
    endforeach()
    if(MLXPORT_FETCHED_${mlxport_key}_PROJECT)
      set(${MLXPORT_FETCHED_${mlxport_key}_PROJECT}_SOURCE_DIR "${mlxport_SOURCE_DIR}"
          CACHE INTERNAL "")
    endif()
  endif()
  FetchContent_SetPopulated("${name}" SOURCE_DIR "${mlxport_SOURCE_DIR}" BINARY_DIR
                            "${MLXPORT_ROOT}/build/_deps/${mlxport_lower}-build")
endmacro()
