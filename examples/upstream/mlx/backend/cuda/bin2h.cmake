# Write gen/cuda_jit_sources.h: each of FILES, which lie under ROOT, as a string.
file(WRITE gen/cuda_jit_sources.h "#pragma once\n")
foreach(file ${FILES})
  file(READ ${ROOT}/${file} text)
  string(MAKE_C_IDENTIFIER ${file} name)
  file(APPEND gen/cuda_jit_sources.h
       "inline constexpr char ${name}[] = R\"device(${text})device\";\n")
endforeach()
