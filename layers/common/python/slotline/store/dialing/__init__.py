"""Campaigns, dial calls and their settings."""
