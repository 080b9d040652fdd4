#include "storage/store.h"

namespace riverd::storage {

std::string_view to_string(State state) {
  switch (state) {
    case State::fresh: return "new";
    case State::ok: return "ok";
    case State::failing: return "failing";
    case State::gone: return "gone";
    case State::disabled: return "disabled";
  }
  return "new";
}

}  // namespace riverd::storage
