"""Dispensers: what falls out of a slot when it is paid."""
