"""Builds a capture from the weights folder; the one place that knows which network does what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from models.load import Net, load
from models.manifest import Job, Manifest, Model, read_manifest
from models.weights import is_intact
from vision.capture import Asking, FaceCapture, Policy
from vision.challenge import Move
from vision.detect import YuNet
from vision.embed import SFace
from vision.pad import PadEnsemble, PadNet, PadThresholds


class ChallengeNeeded(Exception):
    """The attack detection at hand is too weak to stand alone, and the policy forbids that."""


@dataclass(frozen=True, slots=True)
class Stages:
    """The three stages that own networks."""

    detector: YuNet
    pad: PadEnsemble
    embedder: SFace


def build_capture(
    weights: Path,
    policy: Policy,
    manifest: Manifest | None = None,
    threads: int = 1,
    draw: Callable[[], Sequence[Move]] | None = None,
) -> FaceCapture:
    """Loads every network (under a second) and answers a capture ready for its first frame.

    Attack detection that is not enough alone asks everybody to move, whatever the policy's reason
    for a challenge; `draw` answers what is asked, and is needed where the policy has a challenge.
    `threads` is for onnxruntime; the process's owner sets OpenCV's own with `cv2.setNumThreads`.
    Raises ModelMissing, ModelAltered, ModelUnusable, ChallengeNeeded.
    """
    known = manifest or read_manifest()
    judges = known.judges(lambda model: is_intact(model, weights))
    if not policy.passive_only and not enough_alone(judges):
        policy = with_challenge(policy, judges)
    stages = build_stages(known, judges, lambda name: load(name, known, weights, threads=threads))
    return FaceCapture(
        stages.detector,
        stages.pad,
        stages.embedder,
        thresholds=policy.pad or thresholds_of(judges),
        policy=policy,
        draw=draw,
    )


def with_challenge(policy: Policy, judges: Sequence[Model]) -> Policy:
    """The same, but nobody pays without a challenge. Raises ChallengeNeeded if it has none."""
    if policy.challenge is not Asking.OFF:
        return replace(policy, challenge=Asking.ALWAYS)
    names = ", ".join(model.name for model in judges)
    raise ChallengeNeeded(
        f"{names} alone lets attacks pass: a face payment needs the active challenge as well. "
        "For a demonstration allow it with passive_only"
    )


def build_stages(
    manifest: Manifest, judges: Sequence[Model], net_of: Callable[[str], Net]
) -> Stages:
    """The stages over the networks that `net_of` answers by name."""
    detect, embed = manifest.of(Job.DETECT)[0], manifest.of(Job.EMBED)[0]
    return Stages(
        YuNet(net_of(detect.name), detect.thresholds["score"], detect.thresholds["overlap"]),
        PadEnsemble([PadNet.of(net_of(model.name), model) for model in judges]),
        SFace(net_of(embed.name)),
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
