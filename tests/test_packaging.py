"""Packaging: what is in the wheel and the sdist, and what the extras name."""

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCES = (
    'setup.py pyproject.toml MANIFEST.in LICENSE model-index.yml configs tools '
    'mmseg_picie'
).split()


@pytest.fixture(scope='module')
def built(tmp_path_factory):
    """The file names in a wheel and an sdist, built from a copy without a network."""
    pytest.importorskip('setuptools', minversion='70.1')  # brings bdist_wheel
    copy = tmp_path_factory.mktemp('build')
    for name in SOURCES:
        if (ROOT / name).is_dir():
            ignore = shutil.ignore_patterns('__pycache__', '*.egg-info')
            shutil.copytree(ROOT / name, copy / name, ignore=ignore)
        else:
            shutil.copy(ROOT / name, copy / name)
    code = (
        'import setuptools.build_meta as b; b.build_sdist("dist"); '
        'b.build_wheel("dist")'
    )
    subprocess.run(
        [sys.executable, '-c', code], cwd=copy, check=True, capture_output=True
    )
    (wheel,) = (copy / 'dist').glob('*.whl')
    (sdist,) = (copy / 'dist').glob('*.tar.gz')
    with tarfile.open(sdist) as archive:
        names = [name.partition('/')[2] for name in archive.getnames()]
    return zipfile.ZipFile(wheel), names


def relative_files(folder: str, suffixes: tuple[str, ...]) -> set[str]:
    files = (ROOT / folder).rglob('*')
    return {str(f.relative_to(ROOT)) for f in files if f.suffix in suffixes}


def test_wheel_holds_mim_files_and_package(built):
    wheel, _ = built
    names = set(wheel.namelist())
    wanted = relative_files('configs', ('.py',)) | relative_files('tools', ('.py',))
    wanted |= {'model-index.yml', 'tools/dist_train.sh', 'tools/dist_test.sh'}
    assert {f'mmseg_picie/.mim/{name}' for name in wanted} <= names
    package = relative_files('mmseg_picie', ('.py', '.html', '.css', '.js'))
    assert 'mmseg_picie/report/page/report.html' in package
    assert package <= names
    assert not [n for n in names if n.startswith(('tests/', 'configs/', 'tools/'))]


def test_sdist_can_build_the_same_wheel(built):
    wheel, sdist = built
    sources = {n.replace('mmseg_picie/.mim/', '') for n in wheel.namelist()}
    sources = {n for n in sources if '.dist-info/' not in n}
    assert sources <= set(sdist)


def test_version_is_the_packages(built):
    text = (ROOT / 'mmseg_picie' / '__init__.py').read_text()
    version = re.search(r"__version__ = '(.+)'", text).group(1)
    wheel, _ = built
    assert f'mmseg_picie-{version}.dist-info/METADATA' in wheel.namelist()


def test_no_stack_is_required_outside_an_extra(built):
    wheel, _ = built
    (name,) = [n for n in wheel.namelist() if n.endswith('METADATA')]
    lines = wheel.read(name).decode().splitlines()
    required = [x for x in lines if x.startswith('Requires-Dist')]
    plain = [x for x in required if 'extra ==' not in x]
    assert not [x for x in plain if 'mm' in x or 'faiss' in x]
    mixed = [x for x in required if "extra == 'openmmlab'" in x.replace('"', "'")]
    assert [x for x in mixed if 'mmcv-lite' in x]
    assert not [x for x in mixed if 'onedl' in x]
    assert 'Requires-Python: >=3.10' in lines
