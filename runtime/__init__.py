"""MLX's quantization and attention API over NumPy and DLPack arrays."""
