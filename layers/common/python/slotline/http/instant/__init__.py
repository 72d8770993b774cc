"""Instant calls and the join page, as they travel."""
