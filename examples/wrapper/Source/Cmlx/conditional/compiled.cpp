// One list of files serves macOS and iOS, so the choice between them is made here.
#include <TargetConditionals.h>

#if TARGET_OS_IPHONE
#include "../mlx/mlx/backend/no_cpu/compiled.cpp"
#else
#include "../mlx/mlx/backend/cpu/compiled.cpp"
#endif
