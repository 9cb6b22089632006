# Answers FetchContent: nothing is fetched, what would have been is logged.
# CMake takes a provider in CMAKE_PROJECT_TOP_LEVEL_INCLUDES only.
include_guard(GLOBAL)

include("${CMAKE_CURRENT_LIST_DIR}/log.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/fetched.cmake")

cmake_language(SET_DEPENDENCY_PROVIDER mlxport_provide SUPPORTED_METHODS
               FETCHCONTENT_MAKEAVAILABLE_SERIAL)
