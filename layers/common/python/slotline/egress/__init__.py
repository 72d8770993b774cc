"""Requests to addresses that customers gave, and to no address that is not public."""
