"""The pages of calls with a room."""
