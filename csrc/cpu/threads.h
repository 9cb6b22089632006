// A pool of threads, started at the first call that needs it and again after a fork.
#pragma once

#include <cstddef>
#include <functional>

namespace mlxport {

// How many threads a call may use, its own included. At first as many as the process may run on.
std::size_t num_threads();
void set_num_threads(std::size_t count);

// Calls work(begin, end) for pieces of about `grain` that cover [0, items), on several threads
// where there is more than one piece. Where another thread holds the pool the caller does all of
// it. What `work` throws is thrown here.
void parallel_for(std::size_t items, std::size_t grain,
                  const std::function<void(std::size_t, std::size_t)>& work);

}  // namespace mlxport
