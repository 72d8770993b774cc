"""The local API Gateway: an HTTP API with payload format 2.0, in front of `local.host`.

It is written from AWS's documentation of HTTP APIs rather than taken from the emulator, because route
choice, cookies, body encoding and error mapping are part of what a caller sees.
"""
