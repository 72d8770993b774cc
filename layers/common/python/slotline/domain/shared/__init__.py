"""Rules that every context stands on: time, intervals, phone numbers, errors, rows that become due."""
