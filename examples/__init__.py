"""The inputs of `mlxport demo`, installed with the package."""
