"""What `python -m local run` was asked for."""

from dataclasses import dataclass
from pathlib import Path

from local.surroundings import ROOT

DEFAULT_SEED = "tools.demo:seed"
DEFAULT_ENVIRONMENTS = 32
"""Started on demand. Each holds about 35 MB of its own once it has served; more than this wait their turn."""
DEFAULT_STACK_NAME = "slotline"
DEFAULT_STAGE = "local"


@dataclass(frozen=True, slots=True)
class Options:
    """The command line of `run`, with its defaults."""

    port: int = 8000
    template: Path = ROOT / "template.yaml"
    state_dir: Path = ROOT / ".local"
    ready_file: Path | None = None
    seed: str = DEFAULT_SEED
    environments: int = DEFAULT_ENVIRONMENTS
    reload: bool = True
    stop_at_eof: bool = False
    rename_headers: bool = False
    """Whether headers arrive as API Gateway may leave them; see `local.gateway.renaming`."""
    stack_name: str = DEFAULT_STACK_NAME
    stage: str = DEFAULT_STAGE
    emulator: str = ""
    """The address of another system's emulator, to create this system's stack there too. Empty: one of its own."""
    webhooks_to: str = ""
    """Networks (CIDR, by commas) that webhooks may go to although they are not public, beside this very machine."""
    relays: str = ""
    """Which STUN and TURN servers rooms use, as their secret says it in a deployment. Empty: none."""
