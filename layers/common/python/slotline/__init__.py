"""Slotline: scheduled video calls, instant calls and scheduled dialing, on AWS Lambda and DynamoDB."""

import gc
import os

from slotline.dataclass_methods import use_compiled
from slotline.zone_rules import use_pinned_rules

# What a cold start imports is there to stay, and looking through it for garbage, again as it grows, was a tenth of the
# time that a cold start takes. An invocation makes few cycles: a hundred thousand objects may wait for a look. Half of
# that is what a page's imports make.
gc.set_threshold(100_000, 10, 1_000)

use_compiled()
use_pinned_rules()

# Nobody here adds a plugin to pydantic, and it looks for one in every installed package when it builds its first model.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
