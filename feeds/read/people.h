#pragma once
/// Authors: "mail (Name)", person constructs, and telling whether two of them are one.

#include <string_view>
#include <vector>

#include "feeds/post.h"
#include "feeds/read/scope.h"

namespace riverd::feeds::read {

/// Takes "mail (Name)", "Name <mail>", "Name (mail)", "mail", "Name" apart. HTML tags and entities are read away.
[[nodiscard]] Author parse_person(std::string_view text);

/// A person construct: name, email, uri (or url, homepage) elements as in Atom (RFC 4287, 3.2), else the text of the element.
[[nodiscard]] Author read_person(Xml element, const Scope& scope);

/// Adds an author unless it has nothing, or is there already; one whose name or mail is there fills in what that lacks.
/// At most 100 are kept.
void add_author(std::vector<Author>& authors, Author author);

}  // namespace riverd::feeds::read
