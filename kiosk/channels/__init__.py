"""Who takes the money: one contract (`channel.py`), one client a channel."""
