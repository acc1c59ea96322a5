"""A whole shop on this machine: sandbox, simulated devices, the three processes, a shopper's finger."""
