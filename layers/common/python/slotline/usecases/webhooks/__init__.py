"""Send events to subscribers."""
