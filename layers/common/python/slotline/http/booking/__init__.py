"""Scheduled calls, availability, agents and presets, as they travel."""
