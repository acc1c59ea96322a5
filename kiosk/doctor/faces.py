"""Paying by face: the models, which attack detection is in force, the camera, the wallet."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import httpx

from hardware.errors import DeviceError
from kiosk import registry
from kiosk.config import Config, Faces
from kiosk.doctor.devices import of_health, refused
from kiosk.doctor.finding import Check, Finding, bad, failed, good
from kiosk.settings import Driver
from models.errors import ModelError, ModelMissing
from models.manifest import Manifest, Model, read_manifest
from models.weights import is_intact, weights_folder

_FRAME_WITHIN = 5.0  # seconds; slow USB cameras take two for their first picture


def checks(config: Config, *, running: bool) -> list[Check]:
    """One for each part; a single line where no face is ever asked for."""
    faces = config.faces
    if faces.camera is None:
        return [Check("face payment", _not_offered)]
    camera, weights = faces.camera, faces.weights or weights_folder(os.environ)
    return [
        Check("models", lambda: models(weights)),
        Check("attack detection", lambda: attack_detection(config, weights)),
        Check("camera", lambda: camera_state(camera, running=running)),
        Check("wallet key", lambda: wallet_key(faces.wallet_key)),
        Check("face service", lambda: face_service(faces.wallet_url)),
    ]


def _not_offered() -> list[Finding]:
    return [good("face payment", "not offered: the settings name no camera")]


def models(weights: Path) -> Iterator[Finding]:
    """Each network: there, the very bytes of the manifest, and able to run here."""
    manifest = read_manifest()
    for model in manifest:
        yield _model(model, manifest, weights)


def _model(model: Model, manifest: Manifest, weights: Path) -> Finding:
    from models.load import load

    what = f"model {model.name}"
    try:
        load(model.name, manifest, weights)
    except ModelMissing as error:
        if model.optional:
            return good(what, f"{model.job.value}, not here; the kiosk works without it")
        return failed(what, error)
    except ModelError as error:
        return failed(what, error)
    size = f"{model.size / 1e6:.1f} MB"
    says = f"{model.job.value}, {size}, hash right, runs on {model.runtimes[0]}; {model.licence}"
    return good(what, says)


def attack_detection(config: Config, weights: Path) -> Iterator[Finding]:
    """Whether a picture held to the camera could pay."""
    judges = read_manifest().judges(lambda model: is_intact(model, weights))
    names = " and ".join(model.name for model in judges)
    what = "attack detection"
    if _enough_alone(judges):
        asks = {
            "off": "nobody is asked to move (no active challenge)",
            "doubt": "shoppers are asked to move in doubt (active challenge)",
            "always": "every shopper is asked to move (active challenge)",
        }
        yield good(what, f"{names}, enough alone; {asks[config.faces.challenge]}")
    elif _everybody_is_asked(config.faces):
        yield good(what, f"{names}, and every shopper is asked to move (active challenge)")
    elif config.faces.passive_only:
        yield _demonstration(config, names)
    else:
        yield bad(
            what,
            f"{names} is too weak to stand alone; without the active challenge no face is taken",
            'Set faces.challenge = "doubt", fetch stronger models (python -m models fetch), '
            "or take the other tenders only.",
        )


def _everybody_is_asked(faces: Faces) -> bool:
    """Of weak attack detection in doubt is enough: it always is, but for a demonstration."""
    return faces.challenge == "always" or (faces.challenge == "doubt" and not faces.passive_only)


def _demonstration(config: Config, names: str) -> Finding:
    what = "attack detection"
    if _all_sandbox(config):
        says = f"{names} alone, without the active challenge; no money moves here"
        return good(what, says, "Never set faces.passive_only where money moves.")
    says = f"{names} alone, without the active challenge: pictures of a person may pay"
    return bad(what, says, "Take faces.passive_only out of the settings.")


def camera_state(driver: Driver, *, running: bool) -> Iterator[Finding]:
    """Opens it; takes one picture as well while no kiosk runs, and forgets that at once."""
    with closing(registry.build("camera", driver, name="camera")) as camera:
        try:
            camera.open()
            if running:
                yield of_health("camera", camera.check_health(), "opens; the kiosk is running")
                return
            camera.start()
            height, width = camera.read(timeout_s=_FRAME_WITHIN).pixels.shape[:2]
        except DeviceError as error:
            yield refused("camera", error, running=running)
            return
        place = f"{driver.driver}: gives pictures of {width} × {height}"
        yield of_health("camera", camera.check_health(), place)


def wallet_key(path: Path | None) -> Iterator[Finding]:
    """The key with which a template is sealed for the wallet."""
    from kiosk.faces.probe import read_wallet_key

    what, mend = (
        "wallet key",
        "Copy the wallet's public key to the place named by faces.wallet_key.",
    )
    if path is None:
        yield bad(what, "the settings name none", "Set faces.wallet_key.")
        return
    try:
        read_wallet_key(path.read_text("ascii"))
    except OSError as error:
        yield bad(what, f"{path} cannot be read: {error.strerror}", mend)
    except ValueError as error:
        yield bad(what, f"{path} is not a wallet's key ({error})", mend)
    else:
        yield good(what, str(path))


def face_service(url: str) -> Iterator[Finding]:
    """The wallet's side of a face payment: any answer will do."""
    what = "face service"
    if not url:
        yield bad(what, "the settings name none, so no face is offered", "Set faces.wallet_url.")
        return
    try:
        httpx.get(url, timeout=5.0)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        says = f"{url} does not answer ({type(error).__name__})"
        yield bad(what, says, "Check the network and faces.wallet_url.")
    else:
        yield good(what, f"{url} answers")


def _enough_alone(judges: Sequence[Model]) -> bool:
    return any(model.pad is not None and model.pad.enough_alone for model in judges)


def _all_sandbox(config: Config) -> bool:
    return all(bool(one.options.get("sandbox", False)) for one in config.channels.values())
