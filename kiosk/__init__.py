"""What runs on the device: a face-payment and self-checkout kiosk."""
