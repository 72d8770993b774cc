"""Credentials, websites and request counters."""
