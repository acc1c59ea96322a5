"""`kiosk bench`: the figures of this machine beside their budgets. It tells and never fails."""
