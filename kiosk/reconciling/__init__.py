"""The day's ledger beside the channel's bill: read both, compare, say what differs and the mend."""
