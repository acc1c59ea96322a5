"""python -m vision evaluate DIR [--json F] [--out FOLDER] | calibrate DIR | generate PICTURE DIR

Measures how often the pipeline errs. The words are ISO/IEC 19795's and 30107's.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from models.errors import ModelError
from models.manifest import read_manifest
from models.weights import weights_folder
from vision.evaluation.calibrate import propose, told
from vision.evaluation.measure import Evaluation, build_instruments, evaluate, one_thread
from vision.evaluation.report import as_json, markdown
from vision.evaluation.sets import NothingToMeasure, read_picture
from vision.evaluation.species import generate
from vision.insightface import InsightFaceDetector, InsightFaceEmbedder


def main(arguments: Sequence[str]) -> int:
    """The exit status: 0 done, 1 something is wrong and was said on standard error."""
    options = _parser().parse_args(arguments)
    try:
        match options.command:
            case "evaluate":
                _evaluate(options)
            case "calibrate":
                _calibrate(options)
            case "generate":
                _generate(options)
    except (ModelError, NothingToMeasure, OSError) as error:
        print(f"vision {options.command}: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m vision", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    measure = commands.add_parser("evaluate", help="error rates on pictures of known truth")
    measure.add_argument("folder", type=Path, metavar="DIR", help="pairs.txt, bonafide/, …")
    measure.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there too")
    measure.add_argument(
        "--out", type=Path, metavar="FOLDER", help="report.md and its curves; else to the terminal"
    )
    measure.add_argument(
        "--every", type=int, default=1, metavar="N", help="each N-th frame of a clip"
    )
    measure.add_argument(
        "--insightface",
        nargs=2,
        type=Path,
        metavar=("DETECTOR", "EMBEDDER"),
        help="measure these files of a pack in place of the kiosk's own",
    )
    own = commands.add_parser("calibrate", help="thresholds from the kiosk's own camera")
    own.add_argument("folder", type=Path, metavar="DIR", help="bonafide/ and folders of attacks")
    own.add_argument(
        "--consented",
        action="store_true",
        required=True,
        help="everyone in these captures agreed to this use; delete them afterwards",
    )
    made = commands.add_parser("generate", help="attack presentations from a picture of a person")
    made.add_argument("picture", type=Path, metavar="PICTURE", help="with one face")
    made.add_argument("folder", type=Path, metavar="DIR", help="for `evaluate`")
    made.add_argument("--frames", type=int, default=6, metavar="N", help="of each presentation")
    made.add_argument("--seeds", type=int, default=2, metavar="N", help="presentations a species")
    for command in (measure, own, made):
        command.add_argument(
            "--weights", type=Path, metavar="FOLDER", help="instead of KIOSK_MODELS_DIR"
        )
    return parser


def _evaluate(options: argparse.Namespace) -> None:
    one_thread()
    weights = options.weights or weights_folder(os.environ)
    instruments = build_instruments(read_manifest(), weights)
    if options.insightface:
        detector, embedder = options.insightface
        instruments = replace(
            instruments,
            detector=InsightFaceDetector(detector),
            embedder=InsightFaceEmbedder(embedder),
        )
    found = evaluate(options.folder, instruments, _say, max(1, options.every))
    if options.json:
        text = json.dumps(as_json(found), ensure_ascii=False, indent=2)
        options.json.write_text(text + "\n", "utf-8")
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "report.md").write_text(
            markdown(found, _curves(found, options.out)), "utf-8"
        )
        print(options.out / "report.md")
    else:
        print(markdown(found, {}), end="")


def _calibrate(options: argparse.Namespace) -> None:
    one_thread()
    instruments = build_instruments(read_manifest(), options.weights or weights_folder(os.environ))
    for trial in evaluate(options.folder, instruments, _say).trials:
        print("\n".join(told(trial.judge, propose(trial))))
        print()


def _generate(options: argparse.Namespace) -> None:
    one_thread()
    instruments = build_instruments(read_manifest(), options.weights or weights_folder(os.environ))
    picture = read_picture(options.picture)
    faces = instruments.detector.detect(picture)
    if len(faces) != 1:
        raise NothingToMeasure(f"{options.picture} shows {len(faces)} faces; one is needed")
    for place in generate(picture, faces[0].box, options.folder, options.frames, options.seeds):
        print(place)


def _curves(found: Evaluation, folder: Path) -> dict[str, str]:
    try:
        from vision.evaluation.curves import draw
    except ImportError:
        _say("no curves: they need matplotlib. Install the extra `evaluation`")
        return {}
    return draw(found, folder)


def _say(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
