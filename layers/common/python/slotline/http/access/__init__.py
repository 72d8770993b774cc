"""Tokens, and requests that a widget key speaks for."""
