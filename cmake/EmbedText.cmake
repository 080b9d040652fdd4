# Writes OUT, a header with the text of IN as riverd::http::embedded::NAME. Run by cmake -P: -D IN= -D OUT= -D NAME=
file(READ ${IN} bytes HEX)
string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${bytes}")
file(WRITE ${OUT} "#pragma once\n#include <string_view>\nnamespace riverd::http::embedded {\n\
inline constexpr char ${NAME}Bytes[] = {${bytes}};\n\
inline constexpr std::string_view ${NAME}(${NAME}Bytes, sizeof ${NAME}Bytes);\n}\n")
