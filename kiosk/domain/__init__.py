"""The rules of the shop: standard library only; no clock, thread, file or network."""
