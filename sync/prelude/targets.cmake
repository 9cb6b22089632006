# Commands that make targets: logged, and content with dependencies that are not there.

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
