#include "base/result.h"

#include <stdexcept>

namespace riverd {

void throw_exception_from_error(const Error& error, const boost::source_location& where) {
  throw std::logic_error("value() of a failed result at " + std::string(where.file_name()) + ":" +
                         std::to_string(where.line()) + ": " + error.message());
}

}  // namespace riverd
