"""What runs on the device: a face-payment and self-checkout kiosk."""

__version__ = "0.1.0"
