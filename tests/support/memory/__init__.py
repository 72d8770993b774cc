"""The ports in memory, with faults on order; they pass the contract suite of the adapters."""
