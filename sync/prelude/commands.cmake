# Puts our own commands in place of those that ask the machine, run a program or write a
# file. CMAKE_PROJECT_INCLUDE reads it at the end of the first project() call: CMake's own
# modules, which look at the compilers, have then run with the real commands.
include_guard(GLOBAL)

# A later project() of the tree may name a language that the first did not; enabling it
# then would run those modules with our commands.
enable_language(C)
enable_language(CXX)

include("${CMAKE_CURRENT_LIST_DIR}/questions.cmake")

# These have no effect here.
foreach(command install export)
  cmake_language(EVAL CODE "
    function(${command})
    endfunction()")
endforeach()

include("${CMAKE_CURRENT_LIST_DIR}/files.cmake")
include("${CMAKE_CURRENT_LIST_DIR}/targets.cmake")
