#include "cpu/threads.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif
#if defined(__linux__)
#include <sched.h>
#endif

namespace mlxport {
namespace {

// Looks that a worker takes before it sleeps: some 20 us, in which the next call of a decoder
// usually comes; waking a sleeping thread takes as long as a small product.
inline constexpr int patience = 400;

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

struct Job {
  const std::function<void(std::size_t, std::size_t)>& work;
  std::size_t items, grain;
  std::atomic<std::size_t> next{0};
  std::mutex failing;
  std::exception_ptr failure;

  void run() {
    try {
      for (;;) {
        const std::size_t begin = next.fetch_add(grain, std::memory_order_relaxed);
        if (begin >= items) return;
        work(begin, std::min(begin + grain, items));
      }
    } catch (...) {
      const std::lock_guard lock(failing);
      failure = std::current_exception();
      next = items;
    }
  }
};

class Pool {
 public:
  void run(Job& job, std::size_t helpers) {
    while (workers_ < helpers) {
      std::thread([this] { serve(); }).detach();
      ++workers_;
    }
    {
      const std::lock_guard lock(mutex_);
      job_ = &job;
      openings_ = helpers;
      generation_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    job.run();
    std::unique_lock lock(mutex_);
    job_ = nullptr;  // who wakes up only now is not waited for
    done_.wait(lock, [this] { return active_ == 0; });
  }

 private:
  void serve() {
    std::size_t seen = 0;
    for (;;) {
      for (int look = 0; look < patience; ++look) {
        if (generation_.load(std::memory_order_acquire) != seen) break;
        pause();
      }
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return generation_.load(std::memory_order_relaxed) != seen; });
      seen = generation_.load(std::memory_order_relaxed);
      if (job_ == nullptr || openings_ == 0) continue;
      --openings_;
      ++active_;
      Job* const job = job_;
      lock.unlock();
      job->run();
      lock.lock();
      if (--active_ == 0) done_.notify_one();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_, done_;
  std::atomic<std::size_t> generation_{0};
  Job* job_ = nullptr;
  std::size_t workers_ = 0, openings_ = 0, active_ = 0;
};

// Never destroyed: its threads sleep until the process ends.
Pool* pool = nullptr;
std::atomic<bool> busy{false};  // whoever sets it owns the pool

std::size_t usable_cpus() {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) == 0) {
    return static_cast<std::size_t>(std::max(1, CPU_COUNT(&set)));
  }
#endif
  return std::max(1u, std::thread::hardware_concurrency());
}

std::atomic<std::size_t> wanted{0};

Pool& own_pool() {
  if (pool == nullptr) {
#if defined(__unix__) || defined(__APPLE__)
    // A child has none of its parent's threads; the old pool may be in any state and is left.
    static const int registered = pthread_atfork(nullptr, nullptr, [] {
      pool = nullptr;
      busy = false;
    });
    static_cast<void>(registered);
#endif
    pool = new Pool;
  }
  return *pool;
}

}  // namespace

std::size_t num_threads() {
  std::size_t count = wanted.load(std::memory_order_relaxed);
  if (count == 0) {
    count = usable_cpus();
    wanted = count;
  }
  return count;
}

void set_num_threads(std::size_t count) { wanted = count; }

void parallel_for(std::size_t items, std::size_t grain,
                  const std::function<void(std::size_t, std::size_t)>& work) {
  if (items == 0) return;
  const std::size_t pieces = (items - 1) / grain + 1;
  const std::size_t threads = std::min(num_threads(), pieces);
  if (threads < 2 || busy.exchange(true)) {
    work(0, items);
    return;
  }
  Job job{work, items, grain, {}, {}, {}};
  std::exception_ptr failure;
  try {
    own_pool().run(job, threads - 1);
  } catch (...) {
    failure = std::current_exception();  // a thread could not be started
  }
  busy = false;
  if (job.failure) failure = job.failure;
  if (failure) std::rethrow_exception(failure);
}

}  // namespace mlxport
