"""Access tokens: signed by a key that never leaves KMS, verified against its public half."""
