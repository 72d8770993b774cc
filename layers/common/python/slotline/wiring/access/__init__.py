"""Tokens, callers, websites."""
