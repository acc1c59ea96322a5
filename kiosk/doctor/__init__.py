"""`kiosk doctor`, `kiosk device` and `kiosk ledger`: what is there, what is not, and the mend."""
