from __future__ import annotations

import pytest

from models.errors import ManifestError
from models.manifest import MANIFEST, Job, read_manifest

CARDS = MANIFEST.parent / "cards"


def test_every_job_has_a_network():
    manifest = read_manifest()
    assert all(manifest.of(job) for job in Job)


def test_every_network_has_a_card_with_its_origin_and_both_hashes():
    for model in read_manifest():
        card = (CARDS / f"{model.name}.md").read_text("utf-8")
        for fact in (model.sha256, model.source.sha256, model.source.member, model.licence):
            assert fact in card, f"{model.name}: {fact}"


def test_every_attack_detector_has_its_rules_and_thresholds():
    for model in read_manifest().of(Job.PAD):
        assert model.pad is not None
        assert 0 < model.thresholds["attack_below"] <= model.thresholds["bona_fide_from"] < 1


@pytest.mark.parametrize(
    ("here", "judges"),
    [
        ({"fr_liveness", "minifasnet_v2", "minifasnet_v1se"}, ["minifasnet_v2", "minifasnet_v1se"]),
        ({"fr_liveness", "minifasnet_v2"}, ["fr_liveness"]),
        ({"fr_liveness"}, ["fr_liveness"]),
        (set(), ["fr_liveness"]),
    ],
)
def test_the_best_set_of_judges_that_is_whole_is_in_force(here, judges):
    chosen = read_manifest().judges(lambda model: model.name in here)
    assert [model.name for model in chosen] == judges


def test_an_unknown_model_lists_the_known_ones():
    with pytest.raises(ManifestError, match=r"fr_liveness.*sface, yunet"):
        read_manifest().find("yunett")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("licence =", "license =", "licence"),
        ("size = 122489", 'size = "122489"', "not of type int"),
        ("[tools]", "[tools]\nspeed = 1", "unknown key 'speed'"),
        ("[models.yunet.input]", "[models.yunet.inputs]", r"\[yunet\] lacks the key 'input'"),
        ("[tools]", "[tools", "cannot be read"),
        ('job = "detect"', 'job = "guess"', "'guess'"),
        ('kind = "npm"', 'kind = "torrent"', "'torrent'"),
    ],
)
def test_a_slip_in_the_manifest_is_an_error_that_names_it(tmp_path, old, new, message):
    text = MANIFEST.read_text("utf-8")
    assert old in text
    path = tmp_path / "manifest.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ManifestError, match=message):
        read_manifest(path)
