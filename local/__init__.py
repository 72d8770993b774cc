"""The local runtime: the whole system on one machine, without Docker and without an account.

An emulator (ministack) plays DynamoDB, KMS, queues and schedules; `local.gateway` plays API Gateway
and `local.host` plays Lambda, because those two decide what a caller sees and the emulator's own are
not close enough. Nothing under `layers/` or `functions/` knows that this package exists.
"""
