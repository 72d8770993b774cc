"""What every request and answer has in common: the resolver, bodies, callers, envelopes, the one table of errors."""
