"""Scales: drivers by protocol, and the simulated scales that speak the same bytes."""
