"""Campaigns, calls and their settings, as they travel; and what carriers send."""
