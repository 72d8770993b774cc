"""Messages to people, over the channels that reach them."""
