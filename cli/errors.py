"""The error a user can act on: what was wrong, where, and what to do."""


class UserError(Exception):
    """Say what was wrong; `where` is a path or `path:line`, `hint` is what to do."""

    def __init__(
        self, message: str, *, where: str | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message
