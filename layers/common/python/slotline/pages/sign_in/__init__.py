"""Signing in, and the account of whoever signed in."""
