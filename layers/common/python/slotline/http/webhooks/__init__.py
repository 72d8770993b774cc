"""Subscriptions and deliveries, as they travel."""
