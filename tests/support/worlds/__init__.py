"""Whole systems that tests act in: in memory under a seeded clock, or running with clients around them."""
