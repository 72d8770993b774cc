"""The rules of scheduled dialing."""
