# Warnings are errors in our own code only: each target links this PRIVATE.
add_library(riverd_warnings INTERFACE)
target_compile_options(riverd_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(riverd_warnings INTERFACE -Wno-restrict)  # false alarms on "text" + string (GCC bug 105651)
endif()
# For rooms with coroutines: GCC 12 takes the frames' own operator delete for a mismatch once it inlines it.
add_library(riverd_coroutines INTERFACE)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(riverd_coroutines INTERFACE -Wno-mismatched-new-delete)
endif()
if(RIVERD_SANITIZE)
  add_compile_options(-fsanitize=${RIVERD_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=${RIVERD_SANITIZE})
  if(RIVERD_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(riverd_warnings INTERFACE -Wno-tsan)  # Asio's fences, which TSan models
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(riverd_warnings INTERFACE -Wno-maybe-uninitialized)  # false alarms of GCC 12 under sanitizers
  endif()
endif()

# riverd_library(NAME DIR-RELATIVE-GLOBS...): the static library of a folder, as riverd::NAME,
# with every .cpp directly in it (and in the sub-folders named), included from the root of the tree.
function(riverd_library name)
  set(globs *.cpp)
  foreach(dir ${ARGN})
    list(APPEND globs ${dir}/*.cpp)
  endforeach()
  file(GLOB sources CONFIGURE_DEPENDS ${globs})
  if(NOT sources)
    file(WRITE ${CMAKE_BINARY_DIR}/empty_${name}.cpp "")
    set(sources ${CMAKE_BINARY_DIR}/empty_${name}.cpp)
  endif()
  add_library(riverd_${name} STATIC ${sources})
  add_library(riverd::${name} ALIAS riverd_${name})
  target_include_directories(riverd_${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(riverd_${name} PRIVATE riverd_warnings)
endfunction()
