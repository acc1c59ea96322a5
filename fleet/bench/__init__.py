"""What the fleet can bear, measured on this machine beside something plain in the same run."""
