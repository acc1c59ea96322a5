"""The service provider's side: what every kiosk did, exactly counted, and a way down to it."""
