"""The way up: this kiosk's entries and health to the service provider, signed with its own key."""

from kiosk.uplink.line import FleetLine, NotTaken, Unreachable
from kiosk.uplink.uplink import Uplink

__all__ = ["FleetLine", "NotTaken", "Unreachable", "Uplink"]
