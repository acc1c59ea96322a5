"""Scanners, and the simulated scanner that speaks the same bytes."""
