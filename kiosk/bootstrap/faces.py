"""The faces process: camera and models. It knows no network and no channel."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from kiosk import registry
from kiosk.clock import Clock
from kiosk.config import Config
from kiosk.errors import ConfigError, KioskError
from kiosk.messages import Role
from kiosk.trace import Trace
from kiosk.wire import Client

if TYPE_CHECKING:
    from kiosk.faces.process import FacesProcess
    from vision.capture import FaceCapture


def faces(config: Config) -> FacesProcess:
    """The faces process; the line to the core is calling when this returns."""
    import cv2

    from kiosk.faces.probe import read_wallet_key
    from kiosk.faces.process import PREVIEW_SIDE, FacesProcess
    from kiosk.preview import PreviewWriter

    settings = config.faces
    if settings.camera is None or settings.wallet_key is None:
        raise ConfigError(
            "faces.camera and faces.wallet_key are needed", "Set both, or run no faces"
        )
    cv2.setNumThreads(settings.threads)
    camera = registry.build("camera", settings.camera, name="camera")
    wallet_key = read_wallet_key(settings.wallet_key.read_text("ascii"))
    clock = Clock()
    line = Client(config.paths.socket, Role.FACES)
    line.start()
    return FacesProcess(
        line,
        camera,
        lambda: _capture(config),
        PreviewWriter(config.preview, PREVIEW_SIDE, PREVIEW_SIDE),
        wallet_key,
        clock.now,
        Trace(config.trace),
    )


def _capture(config: Config) -> FaceCapture:
    from models.errors import ModelError
    from models.weights import weights_folder
    from vision.capture import Asking, Policy
    from vision.challenge import draw
    from vision.pipeline import ChallengeNeeded, build_capture

    settings = config.faces
    policy = Policy(
        seconds=settings.seconds,
        passive_only=settings.passive_only,
        challenge=Asking(settings.challenge),
    )
    weights = settings.weights or weights_folder(os.environ)
    try:
        return build_capture(
            weights, policy, threads=settings.threads, draw=lambda: draw(secrets.randbelow)
        )
    except ModelError as error:
        raise KioskError(error.cause, error.mend) from error
    except ChallengeNeeded as error:
        raise KioskError(
            str(error), 'Set faces.challenge = "doubt", or fetch the MiniFASNet pair'
        ) from error
