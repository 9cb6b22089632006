// swift-tools-version: 5.10

import PackageDescription

// SwiftPM cannot exclude a folder but keep one file in it, and no_cuda.cpp must stay.
let cudaExcludes = [
    "mlx/mlx/backend/cuda/allocator.cpp",
    "mlx/mlx/backend/cuda/cuda.cpp",  // is_available() is in no_cuda.cpp
    "mlx/mlx/backend/cuda/device.cpp",
    "mlx/mlx/backend/cuda/gemms",
]

#if os(Linux)
    // no Metal here, but its stub
    let platformExcludes =
        [
            "conditional",
            "generated/jit",

            "mlx/mlx/backend/gpu",
            "mlx/mlx/backend/no_cpu",
            "mlx/mlx/backend/metal/allocator.cpp",
            "mlx/mlx/backend/metal/copy.cpp",
            "mlx/mlx/backend/metal/device.cpp",
            "mlx/mlx/backend/metal/jit_kernels.cpp",
            "mlx/mlx/backend/metal/reduce.cpp",

            // Accelerate is Apple's
            "mlx/mlx/backend/cpu/gemms/bnns.cpp",
        ] + cudaExcludes

    let platformSettings: [CXXSetting] = []
    let platformLinking: [LinkerSetting] = [.linkedLibrary("dl")]
#else
    let platformExcludes: [String] =
        [
            // see conditional/compiled.cpp
            "mlx/mlx/backend/cpu/compiled.cpp",

            // opt out of these backends (using Metal)
            "mlx/mlx/backend/no_cpu",
            "mlx/mlx/backend/no_gpu",
            "mlx/mlx/backend/metal/no_metal.cpp",

            // Accelerate instead of our own loops
            "mlx/mlx/backend/cpu/gemms/simd.cpp",
        ] + cudaExcludes

    let platformSettings: [CXXSetting] = [
        .define("MLX_USE_ACCELERATE"),
        .define("ACCELERATE_NEW_LAPACK"),
        .define("METAL_PATH", to: "\"default.metallib\""),
    ]
    let platformLinking: [LinkerSetting] = [
        .linkedFramework("Foundation"),
        .linkedFramework("Metal"),
        .linkedFramework("Accelerate"),
    ]
#endif

let package = Package(
    name: "small-swift",
    platforms: [.macOS(.v14), .iOS(.v17)],
    products: [
        .library(name: "Small", targets: ["Small"])
    ],
    targets: [
        .target(
            name: "Cmlx",
            exclude: platformExcludes + [
                // the library is compiled with the formats of MLX_BUILD_* off
                "mlx/mlx/io/gguf.cpp",
                "mlx/mlx/io/safetensors.cpp",

                // the kernels are compiled when they are first used
                "mlx/mlx/backend/metal/nojit_kernels.cpp",

                // no distributed support (yet)
                "mlx/mlx/distributed/mpi/mpi.cpp",
                "mlx/mlx/distributed/ring/ring.cpp",
            ],
            cxxSettings: platformSettings + [
                .headerSearchPath("mlx"),
                .define("MLX_VERSION", to: "\"1.0.0\""),
            ],
            linkerSettings: platformLinking
        ),
        .target(name: "Small", dependencies: ["Cmlx"]),
    ],
    cxxLanguageStandard: .gnucxx17
)
