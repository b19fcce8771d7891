"""The archives that people install: built, looked into, installed outside the checkout, and run there without Node.js."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

BIN = Path(sys.executable).parent
TIMEOUT = 180


def uv(*words: object, cwd: Path, path: str | None = None) -> None:
    command = [sys.executable, "-m", "uv", *map(str, words)]
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, timeout=TIMEOUT, env=os.environ | ({"PATH": path} if path is not None else {})
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def source_archive(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sdist")
    uv("build", "--sdist", "--no-build-isolation", "--out-dir", out, cwd=root)
    return next(out.glob("*.tar.gz"))


@pytest.fixture(scope="module")
def unpacked(source_archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(source_archive) as archive:
        archive.extractall(out, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))  # Python 3.11.4 and later
    return next(out.iterdir())


@pytest.fixture(scope="module")
def wheel(unpacked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the source archive where PATH leads to nothing: no Node.js can be used."""
    out = tmp_path_factory.mktemp("wheel")
    uv("build", "--wheel", "--no-build-isolation", "--out-dir", out, cwd=unpacked, path="")
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with the wheel in it; the packages it needs are borrowed from this one."""
    home = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home / "env")], check=True, timeout=TIMEOUT)
    uv("pip", "install", "--no-deps", "--offline", "--python", home / "env" / "bin" / "python", wheel, cwd=home)
    packages = next((home / "env" / "lib").glob("python*/site-packages"))
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home


def studio(installed: Path, *words: str) -> str:
    done = subprocess.run([installed / "env" / "bin" / "studio", *words], cwd=installed, capture_output=True, text=True, timeout=TIMEOUT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def names_in(wheel: Path) -> list[str]:
    return zipfile.ZipFile(wheel).namelist()


def test_the_source_archive_carries_the_built_front_end(unpacked: Path) -> None:
    for name in ("studio/labextension/static/canvas.js", "studio/labextension/package.json", "widgets/package-lock.json", "hatch_build.py"):
        assert (unpacked / name).is_file(), name
    assert not list(unpacked.rglob("node_modules"))


def test_the_wheel_carries_canvas_lab_extension_templates_and_notebooks(wheel: Path, root: Path) -> None:
    names = names_in(wheel)
    assert "studio/labextension/static/canvas.js" in names
    shared = [name.partition("/data/")[2] for name in names if ".data/data/" in name]
    extension = "share/jupyter/labextensions/spike-studio"
    assert {f"{extension}/package.json", f"{extension}/install.json", f"{extension}/static/canvas.js"} <= set(shared)
    entry = json.loads((root / "studio" / "labextension" / "package.json").read_text())["jupyterlab"]["_build"]["load"]
    assert f"{extension}/{entry}" in shared
    for folder in ("templates", "notebooks"):
        inside = {Path(name).name for name in names if name.startswith(f"studio/_share/{folder}/")}
        outside = {p.name for p in (root / folder).iterdir() if p.suffix in {".json", ".h5", ".npz", ".ipynb"}}
        assert outside and outside <= inside, folder


def test_the_wheel_carries_nothing_else(wheel: Path) -> None:
    tops = {name.partition("/")[0] for name in names_in(wheel)}
    assert {top for top in tops if not top.startswith("spike_studio-")} == {"studio"}
    assert not [name for name in names_in(wheel) if "__pycache__" in name or "node_modules" in name or name.startswith("studio/tests")]


def test_the_installed_studio_is_not_the_checkout(installed: Path, root: Path) -> None:
    python = installed / "env" / "bin" / "python"
    said = subprocess.run(
        [python, "-c", "import studio; print(studio.__file__)"], cwd=installed, capture_output=True, text=True, check=True
    ).stdout
    assert Path(said.strip()).is_relative_to(installed) and not Path(said.strip()).is_relative_to(root)


def test_the_installed_studio_says_its_version(installed: Path) -> None:
    from studio.version import __version__

    assert studio(installed, "version").split()[1] == __version__


def test_the_installed_studio_runs_each_way_into_a_template(installed: Path, root: Path) -> None:
    names = studio(installed, "templates", "--names").split()
    assert names[0] == "first_spike" and sorted(names) == sorted(
        p.name.removesuffix(".snn.json") for p in (root / "templates").glob("*.snn.json")
    )
    first = next(name for name in names if "first" in name)
    summary = json.loads(studio(installed, "run", first, "--duration", "200", "--out", "out", "--json"))
    assert summary["spikes"] > 0
    assert (installed / "out" / "recording.h5").is_file()
    assert Path(studio(installed, "export", first, "--out", "first.nir").strip()).name == "first.nir"


def test_jupyter_finds_the_extension_of_the_installed_studio(installed: Path) -> None:
    where = installed / "env" / "share" / "jupyter" / "labextensions" / "spike-studio"
    assert json.loads((where / "package.json").read_text())["name"] == "spike-studio"
    assert json.loads((where / "install.json").read_text())["packageName"] == "spike-studio"
