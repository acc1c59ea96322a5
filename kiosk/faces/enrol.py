"""Makes a template from a camera, as enrolment at a counter would: one person, several frames."""

from __future__ import annotations

from hardware.devices import Camera
from kiosk.errors import KioskError
from vision.capture import FaceCapture
from vision.types import FaceSample, Guidance

FRAMES = 400  # about as many as a camera gives in the time of an attempt


def template_of(camera: Camera, capture: FaceCapture) -> list[float]:
    """128 numbers of length 1 together. Raises KioskError when no good sample was taken."""
    camera.open()
    camera.start()
    try:
        for _ in range(FRAMES):
            frame = camera.read()
            step = capture.feed(frame.pixels, frame.captured_at)
            if isinstance(step, FaceSample):
                return [float(number) for number in step.template]
            if not isinstance(step, Guidance):
                raise KioskError(f"no sample for enrolment: {step}")
    finally:
        camera.close()
    raise KioskError("no sample for enrolment", "Look straight into the camera")
