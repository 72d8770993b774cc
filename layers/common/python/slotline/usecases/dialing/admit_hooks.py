"""Admit a use case by its hooks: each leads to an address that requests may go to, and keeps the secrets it has."""

from dataclasses import dataclass, replace

from slotline.domain.dialing.hooks import with_kept_values
from slotline.domain.dialing.use_cases import UseCase
from slotline.ports.shared import Egress
from slotline.usecases.shared.addresses import check_url


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmitHooks:
    """Admits the hooks of a use case that is added or changed. Those that stay as they are were judged before."""

    egress: Egress

    def __call__(self, setting: UseCase, kept: UseCase | None) -> UseCase:
        """The use case with whole hooks. Raises InvalidRequest."""
        there = kept.hooks if kept else ()
        if setting.hooks == there:
            return setting
        admitted = replace(setting, hooks=with_kept_values(setting.hooks, there))
        for number, hook in enumerate(admitted.hooks):
            if hook not in there:
                hook.check(f"hooks[{number}]")
                check_url(self.egress, hook.url, f"hooks[{number}].url")
        return admitted
