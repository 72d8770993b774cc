"""Messages and their channels."""
