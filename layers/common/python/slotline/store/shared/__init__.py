"""Idempotency records and timers."""
