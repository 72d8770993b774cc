"""What tests in a browser share."""
