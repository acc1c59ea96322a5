"""What core and faces say to each other; `Guiding` goes on to the ui."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OpenCamera:
    """Open the device while the notice is read; no frame is taken before `StartCapture`."""


@dataclass(frozen=True, slots=True)
class StartCapture:
    """Consent was given for this attempt: look for the shopper's face."""

    attempt: str


@dataclass(frozen=True, slots=True)
class StopCapture:
    """Stop looking, darken the preview, forget what was seen."""

    attempt: str


@dataclass(frozen=True, slots=True)
class Guiding:
    """What the shopper should do next (a guidance key) and how full the ring is (0 to 1).

    `asked`: it is a move of the active challenge. Goes from faces to core and on to the ui.
    """

    attempt: str
    guidance: str
    progress: float = 0.0
    asked: bool = False


@dataclass(frozen=True, slots=True)
class Captured:
    """A bona fide sample was taken, and sealed for the wallet: the core cannot read `rawdata`."""

    attempt: str
    rawdata: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CaptureEnded:
    """No sample: `reason` is "attack", "unproven", "time-out", "camera", "stopped", "model"."""

    attempt: str
    reason: str


@dataclass(frozen=True, slots=True)
class CameraState:
    """Whether a face can be captured at all; cause and mend are for the attendant."""

    usable: bool
    cause: str = ""
    mend: str = ""


FacesCommand = OpenCamera | StartCapture | StopCapture
FacesMessage = Guiding | Captured | CaptureEnded | CameraState
