#include "bindings/bindings.h"
#include "cpu/features.h"
#include "cpu/isa.h"
#include "cpu/threads.h"
#include "kernels/streaming.h"

namespace mlxport {
namespace {

std::uint64_t bind_read_all(const py::array& words) {
  const auto all = const_span<std::uint32_t>(words);
  py::gil_scoped_release unlocked;
  return read_all(all);
}

const Binding binding([](py::module_& m) {
  m.def("cpu_features", cpu_features);
  m.def("cpu_name", cpu_name);
  m.def("read_all", bind_read_all);
  m.def("isas", [] {
    std::vector<std::string_view> names;
    for (const Isa isa : available_isas()) names.push_back(name(isa));
    return names;
  });
  m.def("isa", [] { return name(active_isa()); });
  m.def("force_isa", force_isa);
  m.def("last_kernel", last_kernel);
  m.def("num_threads", num_threads);
  m.def("set_num_threads", set_num_threads);
});

}  // namespace
}  // namespace mlxport
