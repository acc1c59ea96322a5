"""What stands behind the staff's screen: the PIN, the desk with its payments, what is shown.

`kiosk/attendant.py` is the way in; everything here belongs to it.
"""
