"""Settings in the console: people, keys, webhooks and the audit log."""
