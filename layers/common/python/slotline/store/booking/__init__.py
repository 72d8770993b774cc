"""Scheduled calls, agents and their days: the slot lock."""
