# Writes OUT, a header with each file of assets/ as a string. Run by cmake -P at build time: -D DIR= -D OUT=
function(embed out name file)
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${bytes}")
  set(${out} "inline constexpr char ${name}Bytes[] = {${bytes}};\n\
inline constexpr std::string_view ${name}(${name}Bytes, sizeof ${name}Bytes);\n" PARENT_SCOPE)
endfunction()
embed(css kStylesheet ${DIR}/river.css)
embed(js kScript ${DIR}/river.js)
embed(svg kIcon ${DIR}/icon.svg)
file(WRITE ${OUT} "#pragma once\n#include <string_view>\nnamespace riverd::http::embedded {\n${css}${js}${svg}}\n")
