"""Subscriptions, deliveries, egress."""
