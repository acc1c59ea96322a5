"""Every physical thing a kiosk holds, each behind one small contract.

Nothing here knows that there is a shop: scanners deliver codes, printers print bytes, cameras give
frames. ``devices`` has the contracts, ``errors`` what can go wrong, ``testing`` the suites a driver
must pass.
"""
