"""How properties are tried: the same examples on every run, however slow the machine."""

from hypothesis import settings


def tried(examples: int = 100) -> settings:
    """So many examples, drawn alike on every run."""
    return settings(max_examples=examples, deadline=None, derandomize=True, database=None)
