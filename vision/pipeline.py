"""Builds a capture from the weights folder; the one place that knows which network does what."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from models.load import load
from models.manifest import Job, Manifest, Model, read_manifest
from vision.capture import FaceCapture, Policy
from vision.detect import YuNet
from vision.embed import SFace
from vision.pad import PadEnsemble, PadNet, PadThresholds


class ChallengeNeeded(Exception):
    """The attack detection at hand is too weak to stand alone, and the policy forbids that."""


def build_capture(
    weights: Path, policy: Policy, manifest: Manifest | None = None, threads: int = 1
) -> FaceCapture:
    """Loads every network (under a second) and answers a capture ready for its first frame.

    `threads` is for onnxruntime; the process's owner sets OpenCV's own with `cv2.setNumThreads`.
    Raises ModelMissing, ModelAltered, ModelUnusable, ChallengeNeeded.
    """
    known = manifest or read_manifest()
    judges = known.of(Job.PAD)
    if not policy.passive_only and not enough_alone(judges):
        names = ", ".join(model.name for model in judges)
        raise ChallengeNeeded(
            f"{names} alone lets attacks pass: a face payment needs the active challenge as well. "
            "For a demonstration allow it with passive_only"
        )
    detect, embed = known.of(Job.DETECT)[0], known.of(Job.EMBED)[0]
    return FaceCapture(
        detector=YuNet(
            load(detect.name, known, weights, threads=threads),
            detect.thresholds["score"],
            detect.thresholds["overlap"],
        ),
        pad=PadEnsemble(
            [
                PadNet.of(load(model.name, known, weights, threads=threads), model)
                for model in judges
            ]
        ),
        embedder=SFace(load(embed.name, known, weights, threads=threads)),
        thresholds=policy.pad or thresholds_of(judges),
        policy=policy,
    )


def enough_alone(judges: Sequence[Model]) -> bool:
    """Whether one of the networks may judge a payment without the active challenge."""
    return any(model.pad is not None and model.pad.enough_alone for model in judges)


def thresholds_of(judges: Sequence[Model]) -> PadThresholds:
    """The mean of what the manifest says of each network, as the score is the mean of theirs."""
    return PadThresholds(
        bona_fide_from=sum(m.thresholds["bona_fide_from"] for m in judges) / len(judges),
        attack_below=sum(m.thresholds["attack_below"] for m in judges) / len(judges),
    )
