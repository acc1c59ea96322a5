"""`kiosk doctor` and `kiosk ledger`: what is there, what is not, and the mend."""
