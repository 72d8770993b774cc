"""Scheduled calls, agents and presets."""
