"""Schedule calls to be dialled, place them, and follow them to their end."""
