"""Payments for kiosks that hold no key: the fleet holds the providers' keys and runs the channels.

    kiosk ─► POST /v1/gateway/{channel}/{call} ─► who, which store ─► gateway_order ─► the wallet
    wallet ─► POST /v1/notify/{merchant}/{channel} ─► verified ─► its terminal is told to look
    office ─► Desk.ask ─► a worker asks the wallet ─► Desk.answer

A number is on disk before the wallet is asked and is never asked for twice: whatever happens to
either process, the kiosk queries and the wallet tells. A terminal reaches the numbers of its own
store only. A stolen kiosk can pay within the limits, and query; nothing else.

    wallets.py   the settings file (FLEET_SETTINGS), a client for each merchant and channel
    orders.py    numbers, bound to terminal, store and amount    refunds.py   those of refunds
    limits.py    how much, at once and in a day                  desk.py      what offices ask
    gateway.py   the calls of the contract                       routes.py    over HTTPS

What is written or logged are numbers and amounts; never a code, a face code or an authinfo.
"""
