"""Carriers that place calls, each named by its technology."""
