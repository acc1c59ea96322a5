"""The house stays as it was drawn: who imports whom, how long things are, what no file may say."""

from __future__ import annotations

import ast
import re
import shutil
import statistics
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("fleet", "kiosk", "hardware", "vision", "models")
FOLDERS = {"kiosk", "vision", "hardware", "models", "fleet", "tests", "systemd", ".ci"}
UNITS = sorted((ROOT / "systemd").glob("*.service"))
MADE = {".git", ".venv", "build", "weights", "__pycache__"}

# What a package may import directly, beside the standard library and itself; the longest name
# that fits decides. The contracts in pyproject.toml look through several steps, this at each one.
MAY_IMPORT = {
    "fleet": {
        "alembic",
        "kiosk.channels",
        "kiosk.domain",
        "kiosk.errors",
        "cryptography",
        "fastapi",
        "msgspec",
        "pydantic",
        "sqlalchemy",
        "uvicorn",
    },
    "fleet.down": {"fleet", "fastapi", "psycopg", "pydantic", "sqlalchemy"},
    "fleet.demo": {"fleet", "kiosk.demo", "kiosk.errors", "kiosk.messages", "pyotp", "sqlalchemy"},
    "fleet.console": {
        "fleet",
        "kiosk.domain",
        "argon2",
        "cryptography",
        "fastapi",
        "markupsafe",
        "nicegui",
        "pyotp",
        "segno",
        "sqlalchemy",
        "starlette",
        "uvicorn",
    },
    "fleet.bench": {"fleet", "kiosk.domain", "cryptography", "httpx", "msgspec", "sqlalchemy"},
    "fleet.gateway": {
        "fleet",
        "kiosk.channels",
        "kiosk.domain",
        "kiosk.errors",
        "kiosk.settings",
        "fastapi",
        "sqlalchemy",
    },
    "kiosk.domain": set(),
    "kiosk.channels": {"kiosk.domain", "cryptography", "defusedxml", "httpx"},
    "kiosk.ledger": {"kiosk.domain", "apsw"},
    "kiosk.ui": {"kiosk.domain", "kiosk.messages", "babel", "fontTools", "kivy", "numpy", "segno"},
    "kiosk.sandbox": {"cryptography", "defusedxml", "starlette", "uvicorn"},
    "kiosk": {
        "hardware",
        "models",
        "vision",
        "cryptography",
        "cv2",
        "httpx",
        "msgspec",
        "numpy",
        "pypinyin",
        "segno",
    },
    "kiosk.bench": {"kiosk", "kivy"},  # opens an empty window beside ours
    "kiosk.bench.idle": {"kiosk", "hardware", "cv2", "gpiozero", "numpy"},  # opens every driver
    "kiosk.bench.ledger": {"kiosk", "apsw"},  # measures SQLite itself beside the ledger
    "kiosk.bench.panel": {"kiosk", "mss"},  # looks at a few pixels of the panel
    "kiosk.bench.scanning": {"kiosk", "hardware"},  # is the scanner's end of the line
    "kiosk.bench.touching": {"kiosk", "hardware"},  # the same
    "kiosk.bench.watched": {"kiosk", "apsw"},  # hears its flushes
    "kiosk.bench.slips": {"kiosk", "hardware", "escpos"},  # measures somebody else's beside ours
    "kiosk.demo": {"PIL", "kiosk", "hardware", "models", "vision", "cv2", "httpx", "mss", "numpy"},
    "hardware": {"PIL", "cv2", "gpiozero", "lgpio", "numpy", "segno", "serial", "usb", "zxingcpp"},
    "vision": {"models", "cv2", "numpy", "onnxruntime"},
    "vision.evaluation": {"models", "vision", "cv2", "numpy"},
    "vision.evaluation.curves": {"vision", "matplotlib", "numpy"},
    "vision.peers.theirs": {"cv2", "face_recognition", "insightface", "numpy", "onnxruntime"},
    "vision.insightface": {"models", "vision", "insightface", "numpy"},
    "models": {"cv2", "numpy", "onnx", "onnxruntime"},
}

# Names that say nothing; endings of class names.
EMPTY_NAMES = re.compile(r"(Manager|Helper|Utils?|Base|Impl|Data|Info)$")
TERMS = {"ScanData"}  # UnifiedPOS
# Work left undone, words of no standard, addresses of package registries, paths of one machine.
# Written so that this file does not contain what it looks for.
NEVER = {
    "unfinished work": r"\b(?:TO[D]O|FIX[M]E|XX[X]|NotImplemented[E]rror)\b",
    # but for the published name of another project
    "a word the standard (ISO/IEC 30107) does not have": r"(?i)(?<!anti[-_])spoo[f]",
    "the address of a package registry": r"py(?:pi|thonhosted)\.org|np(?:mj)s\.(?:org|com)",
    "a path of one machine": r"/wor[k]/|/tmp/brie[f]|/roo[t]/",
}


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def imports(tree: ast.Module, module: str, *, is_package: bool) -> Iterator[str]:
    """Every module named by an import statement at any depth, relative ones made absolute."""
    here = module.split(".")
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            up = here[: len(here) - node.level + is_package] if node.level else []
            package = ".".join([*up, *filter(None, [node.module])])
            yield package
            yield from (f"{package}.{alias.name}" for alias in node.names)


def trespasses(module: str, text: str, *, is_package: bool = False) -> list[str]:
    """Imports of `module` that the table does not allow."""
    package = max((name for name in MAY_IMPORT if within(module, name)), key=len)
    allowed = MAY_IMPORT[package] | {package}
    if module.endswith(".testing") or ".testing." in module:
        allowed |= {"pytest"}  # a contract suite for drivers and channels made elsewhere
    # `from kiosk import messages` names kiosk too; what it takes from there is listed as well.
    return sorted(
        target
        for target in set(imports(ast.parse(text), module, is_package=is_package))
        if target.split(".")[0] not in sys.stdlib_module_names
        and not any(within(target, name) or name.startswith(f"{target}.") for name in allowed)
    )


def texts() -> Iterator[tuple[Path, str]]:
    """Every text file of the project that a person wrote or reads."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        if MADE & set(parts) or any(part.startswith(".") and part != ".ci" for part in parts):
            continue
        if path.is_file() and not parts[0].endswith(".egg-info"):
            try:
                yield path, path.read_text("utf-8")
            except UnicodeDecodeError:
                continue


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, (node.end_lineno or node.lineno) - node.lineno + 1


# ---- who imports whom


def test_the_import_contracts_hold():
    program = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_each_package_imports_only_what_its_job_needs():
    found = {}
    for path in sources(*PACKAGES):
        wrong = trespasses(
            name_of(path), path.read_text("utf-8"), is_package=path.name == "__init__.py"
        )
        if wrong:
            found[str(path.relative_to(ROOT))] = wrong
    assert found == {}


@pytest.mark.parametrize(
    ("module", "text", "wrong"),
    [
        ("kiosk.domain.money", "import httpx", ["httpx"]),
        ("kiosk.domain.money", "from . import entry", []),
        ("kiosk.domain.money", "def f():\n    from kiosk.ledger import Ledger", ["kiosk.ledger"]),
        ("kiosk.channels.codes", "from kiosk import ledger", ["kiosk.ledger"]),
        ("kiosk.channels.codes", "from ..domain.money import Money", []),
        ("kiosk.sandbox.app", "from kiosk.channels.wechatpay import signing", ["kiosk.channels"]),
        ("kiosk.checkout", "import fleet.tables", ["fleet.tables"]),
        ("hardware.loop", "import selectors, vision.detect", ["vision.detect"]),
        ("vision.detect", "from hardware.devices import Frame", ["hardware.devices"]),
    ],
)
def test_a_forbidden_import_is_seen_wherever_it_hides(module, text, wrong):
    found = trespasses(module, text)
    assert bool(found) == bool(wrong)
    assert all(any(within(each, name) for name in wrong) for each in found)


def test_the_top_level_holds_what_was_drawn_and_nothing_else():
    tracked = {path.name for path in ROOT.iterdir() if path.is_dir()} - MADE
    seen = {name for name in tracked if name == ".ci" or not name.startswith(".")}
    assert {name for name in seen if not name.endswith(".egg-info")} <= FOLDERS
    assert all((ROOT / package / "__init__.py").is_file() for package in PACKAGES)


# ---- proportions


def test_files_are_short():
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in sources(*PACKAGES)}
    assert statistics.median(lengths.values()) <= 250
    assert {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > 400} == {}


def test_nineteen_functions_of_twenty_are_under_forty_lines():
    lengths = sorted(n for path in sources(*PACKAGES) for _, n in functions(path))
    assert lengths[int(len(lengths) * 0.95)] <= 40, lengths[-20:]


def test_every_module_says_what_it_is():
    silent = [
        str(path.relative_to(ROOT))
        for path in sources(*PACKAGES)
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []


# ---- words


@pytest.mark.parametrize(("what", "pattern"), NEVER.items(), ids=NEVER)
def test_no_file_says(what, pattern):
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path, text in texts()
        if (match := re.search(pattern, text))
    ]
    assert found == [], what


def test_classes_are_named_after_things_of_the_shop():
    found = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in sources(*PACKAGES)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and EMPTY_NAMES.search(node.name)
        if node.name not in TERMS
    ]
    assert found == []


# ---- what is shipped


def test_an_installed_kiosk_has_every_screen_text_and_table(tmp_path):
    for name in (*PACKAGES, "pyproject.toml", "LICENSE", "README.md"):
        here = ROOT / name
        ignore = shutil.ignore_patterns("weights", "__pycache__")
        if here.is_dir():
            shutil.copytree(here, tmp_path / name, ignore=ignore)
        elif here.exists():
            shutil.copy(here, tmp_path / name)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "wheel",
        "--quiet",
        "--no-index",
    ]
    flags = ["--no-deps", "--no-build-isolation", "--wheel-dir", "out", "."]
    subprocess.run([*pip, *flags], cwd=tmp_path, check=True, capture_output=True)
    (wheel,) = (tmp_path / "out").glob("*.whl")
    shipped = set(zipfile.ZipFile(wheel).namelist())
    # The build leaves its own folders beside the packages, not in them.
    wanted = {
        str(path.relative_to(tmp_path))
        for package in PACKAGES
        for path in (tmp_path / package).rglob("*")
        if path.is_file()
    }
    assert wanted - shipped == set()


def test_the_locks_pin_every_line_by_hash_and_name_no_address():
    for lock in ROOT.glob("requirements*.lock"):
        text = lock.read_text("utf-8")
        assert "://" not in text
        pins = re.split(r"\n(?=[a-z0-9])", text.split("\n", 1)[1])
        assert len(pins) > 40
        assert [pin for pin in pins if "--hash=sha256:" not in pin or "==" not in pin] == []


# ---- the units


def test_there_is_a_unit_for_each_process_and_a_user_for_each_unit():
    assert [unit.stem for unit in UNITS] == [
        "fleet-console",
        "fleet",
        "kiosk-core",
        "kiosk-faces",
        "kiosk-orders",
        "kiosk-ui",
    ]
    users = [re.findall(r"^User=(.+)$", unit.read_text("utf-8"), re.MULTILINE) for unit in UNITS]
    assert users == [[unit.stem] for unit in UNITS]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_is_hardly_exposed(unit):
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed here, so exposure cannot be measured")
    command = [program, "security", "--offline=true", "--no-pager", "--threshold=20", str(unit)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("name", ["kiosk-ui", "kiosk-faces", "kiosk-orders"])
def test_only_the_core_has_a_network_and_keys(name):
    text = (ROOT / "systemd" / f"{name}.service").read_text("utf-8")
    assert {"PrivateNetwork=yes", "IPAddressDeny=any", "RestrictAddressFamilies=AF_UNIX"} <= set(
        text.splitlines()
    )
    assert "LoadCredential" not in text
    assert "char-tty" not in text
