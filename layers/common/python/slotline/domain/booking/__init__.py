"""Scheduled calls, agents' time, and the slot lock as a pure decision."""
