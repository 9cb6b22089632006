"""Migrate Python code on MLX from one release to the next."""
