"""Packaging: what is in the wheel and the sdist, and what the extras name."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
import yaml

from mmseg_picie.checkpoints import packaged_file
from mmseg_picie.datasets import generate_scenes
from mmseg_picie.errors import InputError

ROOT = Path(__file__).resolve().parents[1]
SOURCES = (
    'setup.py pyproject.toml MANIFEST.in LICENSE README.md CITATION.cff Makefile '
    'mkdocs.yml model-index.yml configs tools docs mmseg_picie mmseg_picie_command'
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
    assert {'mmseg_picie/py.typed', 'mmseg_picie_command/commands.py'} <= names
    assert not [n for n in names if n.startswith(('tests/', 'configs/', 'tools/'))]


def test_sdist_can_build_the_same_wheel(built):
    wheel, sdist = built
    sources = {n.replace('mmseg_picie/.mim/', '') for n in wheel.namelist()}
    sources = {n for n in sources if '.dist-info/' not in n}
    assert sources <= set(sdist)
    assert {'CITATION.cff', 'mkdocs.yml', 'docs/index.md', 'docs/method.png'} <= set(
        sdist
    )


def test_version_is_the_packages(built):
    text = (ROOT / 'mmseg_picie' / '__init__.py').read_text()
    version = re.search(r"__version__ = '(.+)'", text).group(1)
    wheel, _ = built
    assert f'mmseg_picie-{version}.dist-info/METADATA' in wheel.namelist()
    citation = yaml.safe_load((ROOT / 'CITATION.cff').read_text())
    assert citation['version'] == version


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


def test_classifiers_and_workflow_name_the_same_pythons(built):
    wheel, _ = built
    (name,) = [n for n in wheel.namelist() if n.endswith('METADATA')]
    text = wheel.read(name).decode()
    named = re.findall(r'^Classifier: .* Python :: (3\.\d+)$', text, re.MULTILINE)
    workflow = yaml.safe_load((ROOT / '.github/workflows/ci.yml').read_text())
    job = workflow['jobs']['readme']
    assert job['strategy']['matrix']['python'] == named
    assert [s['run'] for s in job['steps'] if 'run' in s] == ['make demo', 'make test']


@pytest.fixture
def fresh(built, tmp_path):
    """The folder of programs of an environment into which the wheel was installed.

    The stack takes minutes to install, so a .pth file lends it from the environment
    of this test. That file puts a folder last on sys.path and runs none of the .pth
    files in it, so a copy of the package there, editable or not, is not imported.
    """
    pytest.importorskip('pip', minversion='22.3')  # has --python
    wheel, _ = built
    folder = tmp_path / 'environment'
    venv.create(folder, with_pip=False)
    python = folder / 'bin' / 'python'
    base = {'base': str(folder), 'platbase': str(folder)}
    packages = Path(sysconfig.get_path('purelib', 'venv', vars=base))
    lent = {sysconfig.get_path('purelib'), sysconfig.get_path('platlib')}
    (packages / 'lent.pth').write_text('\n'.join(sorted(lent)) + '\n')
    install = 'install --quiet --no-deps --no-index --force-reinstall'.split()
    subprocess.run(
        [sys.executable, '-m', 'pip', '--python', python, *install, wheel.filename],
        check=True,
    )
    return folder / 'bin'


@pytest.mark.slow
def test_fit_runs_from_an_installed_wheel(fresh, tmp_path):
    try:
        packaged_file('efficientnet-lite0')
    except InputError as error:
        pytest.skip(str(error))
    generate_scenes(tmp_path / 'scenes', dict(train=6), size=(64, 96))
    elsewhere = tmp_path / 'elsewhere'
    elsewhere.mkdir()
    environment = {k: v for k, v in os.environ.items() if k != 'PYTHONPATH'}

    def run(*command):
        done = subprocess.run(
            [fresh / command[0], *command[1:]],
            cwd=elsewhere,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    code = 'import mmseg_picie, mmseg_picie_command as c; print(mmseg_picie.__file__)'
    assert run('python', '-c', code).startswith(str(fresh.parent))
    images = '../scenes/images/train'
    run('mmseg-picie', *f'fit {images} --clusters 4 --minutes 0 --out runs'.split())
    out = elsewhere / 'runs'
    for name in ('clusters.pth', 'clusters.csv', 'contact_sheet.png', 'config.py'):
        assert (out / name).is_file()
    assert len(list((out / 'masks').rglob('*.png'))) == 6
