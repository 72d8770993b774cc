"""Conditions that customers write, in JMESPath."""
