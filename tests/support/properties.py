"""How properties are tried: the same examples on every run, however slow the machine.

`make test` tries a fifth of the examples; `make slow` all of them, by `--hypothesis-profile thorough`.
"""

from hypothesis import HealthCheck, settings

EXAMPLES = 100
QUICK_SHARE = 5

settings.register_profile(
    "thorough",
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("quick", settings.get_profile("thorough"), max_examples=EXAMPLES // QUICK_SHARE)
settings.load_profile("quick")


def tried(examples: int = EXAMPLES) -> settings:
    """So many examples, drawn alike on every run; fewer of them in the quick one."""
    is_quick = settings.get_current_profile_name() == "quick"
    return settings(max_examples=examples // QUICK_SHARE if is_quick else examples)
