"""Start, read and end instant calls."""
