"""Tell people about their calls."""
