"""What stands behind the staff's screen: the desk with its payments, and what is shown of it.

`kiosk/attendant.py` is the way in; everything here belongs to it.
"""
