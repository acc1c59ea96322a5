"""The wallet's side on this machine: a process that speaks the wallet's wire, with a memory.

It shares no code with the client it is paired with, so that both cannot be wrong alike.
"""
