"""Rows of the methods table: configs, their data sets, and what is wrong with them."""

import contextlib
import glob
import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmseg.registry import DATASETS
from sweep_results import passed_on_text

from mmseg_picie.cli import make_train_parser, set_data_root
from mmseg_picie.cli.configs import load_config
from mmseg_picie.cli.run import ConfigErrors
from mmseg_picie.errors import InputError

WITHOUT_LABELS = 'label_free/'


@dataclass(frozen=True)
class Method:
    """A config: a method on a data set.

    Attributes:
        config: Its file.
        data: Name of the folder of the data set.
        data_root: That folder.
        moved: Whether it is another one than the config's.
        hash: Of the config's content and of the arguments of the training.
        num_classes: Classes of the test images; 0 where there is a problem.
        auxiliary_clusters: Clusters of a second head, or None.
        problem: Why it cannot be run, or None.
    """

    config: Path
    data: str
    data_root: Path
    moved: bool
    hash: str
    num_classes: int
    auxiliary_clusters: int | None
    problem: str | None

    @property
    def stem(self) -> str:
        """Name of the file, unique in a table."""
        return self.config.stem

    @property
    def name(self) -> str:
        """Name of the row: that of the file without the data set."""
        return self.stem.replace(f'_{self.data}', '')

    def options(self, clusters: int | None) -> list[str]:
        """What ``--cfg-options`` says for a number of clusters, None for the classes'.

        A second head of as many clusters would be the same clustering, which PiCIE
        refuses: it is left out then, as ``mmseg-picie fit`` leaves it out.
        """
        clusters = clusters or self.num_classes
        options = [f'model.decode_head.num_clusters={clusters}']
        if clusters == self.auxiliary_clusters:
            options.append('model.auxiliary_clusters=None')
        return options


def find_configs(patterns: Sequence[str]) -> list[Path]:
    """Files of names and patterns, in their order, each once.

    Raises:
        InputError: If a pattern fits no file, or two files have one name.
    """
    found: dict[Path, None] = {}
    for pattern in patterns:
        files = sorted(glob.glob(pattern, recursive=True))
        if not files:
            raise InputError(f'{pattern}: no such config')
        found |= dict.fromkeys(map(Path, files))
    stems = [path.stem for path in found]
    twice = [path for path in found if stems.count(path.stem) > 1]
    if twice:
        raise InputError(
            f'{", ".join(map(str, twice))} have one name, which tells rows and folders '
            'apart: rename one'
        )
    return list(found)


def read_method(path: Path, data: Path | None, passed_on: Sequence[str]) -> Method:
    """What a row needs to know of a config.

    Args:
        path: The config.
        data: Folder of all data sets, in place of the parents of the configs' own.
        passed_on: Arguments of the training.

    Raises:
        InputError: If the config cannot be read.
    """
    with contextlib.redirect_stdout(io.StringIO()):  # says what it capped
        args = make_train_parser().parse_args([str(path), *passed_on])
        cfg = load_config(args)
    root = Path(cfg.get('data_root') or '.')
    place = root if data is None else data / root.name
    content = [Config.fromfile(path).to_dict(), passed_on_text(passed_on)]
    number, problem = 0, _selection_problem(cfg)
    if problem is None:
        try:
            number = _count_classes(cfg, None if data is None else place)
        except InputError as error:
            problem = str(error)
    text = json.dumps(content, sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return Method(
        config=path,
        data=root.name,
        data_root=place,
        moved=data is not None,
        hash=digest,
        num_classes=number,
        auxiliary_clusters=(cfg.get('model') or {}).get('auxiliary_clusters'),
        problem=problem,
    )


def _count_classes(cfg: Config, place: Path | None) -> int:
    if place is not None:
        set_data_root(cfg, str(place))
    if cfg.get('test_dataloader') is None:
        raise InputError('the config has no test_dataloader, whose images are scored')
    init_default_scope(cfg.get('default_scope') or 'mmseg')
    with ConfigErrors():
        classes = DATASETS.build(cfg.test_dataloader.dataset).metainfo.get('classes')
    if not classes:
        raise InputError('the test images of the config have no classes')
    return len(classes)


def _selection_problem(cfg: Config) -> str | None:
    """Whether the run keeps the checkpoint that labels like best."""
    hook = (cfg.get('default_hooks') or {}).get('checkpoint') or {}
    best = hook.get('save_best') or []
    names = [best] if isinstance(best, str) else list(best)
    read = [name for name in names if not name.startswith(WITHOUT_LABELS)]
    if not read:
        return None
    return (
        f'the best checkpoint is chosen by {", ".join(read)}, which reads labels: set '
        'default_hooks.checkpoint.save_best=None'
    )
