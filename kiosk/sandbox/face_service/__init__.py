"""WeChat's certified face service on this machine: a process of its own beside the sandbox.

app ── a line of JSON ──► line.py ──► service.py ──► wallet.py ── HTTP ──► the sandbox
                                         └─ shopper.py: who stands before the camera
"""
