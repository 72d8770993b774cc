"""The relays of a deployment, as their secret says them."""

import json

SECRET = "secret-of-the-relay"
RELAYS = json.dumps({"turn_urls": ["turn:turn.example.com:3478"], "secret": SECRET})
