# The log: what the prelude saw, for the caller to read.

function(mlxport_log kind)
  # Unit and record separators of ASCII: no argument of a build holds them.
  string(ASCII 31 unit)
  string(ASCII 30 record)
  set(line "${kind}")
  math(EXPR last "${ARGC} - 1")
  foreach(index RANGE 1 ${last})
    string(APPEND line "${unit}${ARGV${index}}")
  endforeach()
  # Before the first project() call has ended, file() has its own name only.
  if(COMMAND _file)
    _file(APPEND "${MLXPORT_ROOT}/log" "${line}${record}")
  else()
    file(APPEND "${MLXPORT_ROOT}/log" "${line}${record}")
  endif()
endfunction()
