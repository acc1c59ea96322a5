"""Cash drawers: on a pin of this machine, or behind the receipt printer."""
