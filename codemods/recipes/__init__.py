"""The recipes: a module in this folder is one, named by its file."""
