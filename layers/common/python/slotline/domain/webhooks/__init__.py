"""What is sent to subscribers, and when it is sent again."""
