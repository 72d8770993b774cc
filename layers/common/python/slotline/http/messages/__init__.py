"""Reminders, as they travel."""
