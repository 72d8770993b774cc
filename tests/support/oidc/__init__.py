"""A provider of identities by OpenID Connect, on this machine."""
