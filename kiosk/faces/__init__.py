"""Who recognises the shopper: one contract (`service.py`), our own pipeline as a process.

The only rooms in which `vision` and `hardware` meet.
"""
