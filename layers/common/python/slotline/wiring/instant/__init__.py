"""Instant calls."""
