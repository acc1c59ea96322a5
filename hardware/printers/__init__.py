"""Receipt printers, and the simulated printer that speaks the same bytes."""
