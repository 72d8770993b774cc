"""What an operator is told when a command cannot be done."""


class ToolError(Exception):
    """One line that says what was wrong and what would be right."""
