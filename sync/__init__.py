"""Bring a wrapper around MLX to a new upstream version."""
