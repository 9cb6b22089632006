#include "quant/mode.h"

#include <algorithm>
#include <utility>

namespace mlxport {
namespace {

// Inside a function, so that it exists whichever file's constants are initialised first.
std::vector<Mode>& registry() {
  static std::vector<Mode> modes;
  return modes;
}

}  // namespace

const std::vector<Mode>& modes() { return registry(); }

const Mode* find_mode(std::string_view name) {
  const auto found = std::ranges::find(modes(), name, &Mode::name);
  return found == modes().end() ? nullptr : &*found;
}

Registration::Registration(Mode mode) {
  auto& modes = registry();
  modes.insert(std::ranges::upper_bound(modes, mode.name, {}, &Mode::name), std::move(mode));
}

}  // namespace mlxport
