"""A whole shop on this machine: sandbox, simulated devices, three processes, a finger."""
