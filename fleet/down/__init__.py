"""The way down: orders to single terminals, and what all of them should be set up as.

    Commands   suspend, resume, help_coming, send_now, test_device, reboot, query, refund,
               sold_out, there_again; obeyed once, answered
    Desired    config, price_book, menu, campaigns, software: for a merchant, a store, a terminal
    Bell       wakes the kiosks that wait, whichever process brought the news

A kiosk asks `POST /v1/down` and waits there until there is something (`routes.py`).
"""

from fleet.down.bell import Bell
from fleet.down.commands import Answer, Command, Commands
from fleet.down.desired import Desired, Document, Scope, Standing, State, Target

__all__ = [
    "Answer",
    "Bell",
    "Command",
    "Commands",
    "Desired",
    "Document",
    "Scope",
    "Standing",
    "State",
    "Target",
]
