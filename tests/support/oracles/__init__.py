"""What must hold, worked out apart from the code that it judges."""
