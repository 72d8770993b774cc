"""Things with sensible values for what a test does not care about."""
