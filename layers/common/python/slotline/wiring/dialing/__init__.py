"""Campaigns, dial calls, carriers."""
