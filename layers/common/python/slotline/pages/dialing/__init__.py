"""The console's pages about calls that are dialled: campaigns, calls, whom nobody calls, and what calls stand on."""
