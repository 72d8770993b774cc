"""Messages as rows."""
