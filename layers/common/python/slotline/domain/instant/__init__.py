"""Instant calls, and the rooms of calls."""
