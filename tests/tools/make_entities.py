#!/usr/bin/env python3
"""Writes feeds/content/entity_table.cpp: the named character references of WHATWG HTML 13.5.

Python's html.entities.html5 is that table (2231 names, 106 of them also without a semicolon)."""
import html.entities
import sys

WIDTH = 104

names = html.entities.html5
words = []
for name in sorted({n.rstrip(";") for n in names}):
    mark = "~" if name in names else "="
    value = names[name + ";"]
    words.append(name + mark + ",".join(f"{ord(c):X}" for c in value))

lines, line = [], ""
for word in words:
    if len(line) + len(word) + 1 > WIDTH:
        lines.append(line)
        line = ""
    line += word + " "
lines.append(line)

out = open(sys.argv[1], "w") if len(sys.argv) > 1 else sys.stdout
out.write("// Made by tests/tools/make_entities.py; do not edit.\n")
out.write('#include "feeds/content/entities.h"\n\n')
out.write("namespace riverd::feeds::content {\n\n")
out.write("const std::string_view kEntityTable =\n")
out.write("\n".join(f'    "{text}"' for text in lines))
out.write(";\n\n}  // namespace riverd::feeds::content\n")
