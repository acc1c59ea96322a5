"""A service provider with three kiosks on this machine: `make fleet`."""
