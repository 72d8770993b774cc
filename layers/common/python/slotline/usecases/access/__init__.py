"""Name who calls."""
