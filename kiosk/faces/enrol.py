"""Makes a template from a picture, as enrolment at a counter would: several frames, one person.

    python -m kiosk.faces.enrol --width 640 --height 480      prints 128 numbers as JSON

For the sandbox's wallet only: it must know one face before anybody can pay with it. The frames
differ from those of a visit (another seed), so the match is not of a picture with itself.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence

import cv2

from hardware.cameras.folder import FolderCamera
from hardware.devices import Camera
from kiosk.errors import KioskError
from models.weights import weights_folder
from vision.capture import FaceCapture, Policy
from vision.pipeline import build_capture
from vision.types import FaceSample, Guidance

FRAMES = 400  # about as many as a camera gives in the time of an attempt
SEED = 7


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the template."""
    parser = argparse.ArgumentParser(prog="python -m kiosk.faces.enrol", description=__doc__)
    parser.add_argument("--picture", default="skimage:astronaut")
    parser.add_argument("--width", type=int, required=True)
    parser.add_argument("--height", type=int, required=True)
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    camera = FolderCamera(
        picture=options.picture, width=options.width, height=options.height, seed=SEED
    )
    capture = build_capture(weights_folder(os.environ), Policy(passive_only=True))
    json.dump(template_of(camera, capture), sys.stdout)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
