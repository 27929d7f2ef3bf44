"""Trains PiCIE from random weights on generated landscapes and shows what it learned.

python tools/demo_scratch.py [--work-dir DIR]
"""

import argparse
import itertools
import json
import sys
import time
from pathlib import Path

import cv2
import numpy as np
from mmengine.config import Config
from mmengine.runner import Runner
from prettytable import PrettyTable

from mmseg_picie.cli import Parser, set_data_root, silence_warnings
from mmseg_picie.cli import run as run_command
from mmseg_picie.datasets.scenes import generate_scenes
from mmseg_picie.errors import InputError
from mmseg_picie.files import write_json
from mmseg_picie.scores import matched_scores
from mmseg_picie.visualization import save_panels

CONFIGS = Path(__file__).resolve().parent.parent / 'configs'
PICIE = CONFIGS / 'picie' / 'picie_fpn_r18_scenes_recipe.py'
RGB = CONFIGS / 'pretrained_features' / 'kmeans_rgb_scenes.py'
TITLES = dict(picie='PiCIE', untrained='untrained network', rgb='k-means on RGB')
WORK_DIR = Path('work_dirs/demo_scratch')
SHOWN_SCENES = 6


def run(config: Path, scenes: Path, work_dir: Path, overrides: dict) -> Runner:
    """Trains and evaluates one config, as tools/train.py does."""
    print(f'{TITLES[work_dir.name]} ...', flush=True)
    cfg = Config.fromfile(config)
    cfg.merge_from_dict(overrides)
    cfg.work_dir = str(work_dir)
    # Runs of one process need loggers and visualizers of their own.
    cfg.experiment_name = cfg.visualizer.name = work_dir.name
    set_data_root(cfg, str(scenes))
    runner = Runner.from_cfg(cfg)
    runner.train()
    return runner


def new_folder(given: Path | None, default: Path = WORK_DIR) -> Path:
    """The folder of this demo: nothing is in it, so nothing has to be removed.

    Raises:
        InputError: If the given folder holds something.
    """
    if given is not None:
        if given.exists() and (not given.is_dir() or any(given.iterdir())):
            raise InputError(
                f'--work-dir {given} is not an empty folder: name a new one, so that '
                'nothing of yours is overwritten'
            )
        return given
    numbers = itertools.count(2)
    folder = default
    while folder.exists():
        folder = default.with_name(f'{default.name}_{next(numbers)}')
    return folder


def draw(runner: Runner, cluster_to_class: np.ndarray, path: Path) -> None:
    """Writes image | clusters | matched classes | truth of some held-out scenes."""
    dataset = runner.val_dataloader.dataset
    model = runner.model.eval()
    images, clusters, truths = [], [], []
    shown = min(SHOWN_SCENES, len(dataset))
    for index in np.linspace(0, len(dataset) - 1, shown).astype(int):
        sample = dataset[int(index)]
        batch = dict(inputs=[sample['inputs']], data_samples=[sample['data_samples']])
        output = model.test_step(batch)[0]
        images.append(cv2.imread(output.img_path))
        clusters.append(output.pred_sem_seg.data[0].cpu().numpy())
        truths.append(output.gt_sem_seg.data[0].cpu().numpy())
    classes, palette = (dataset.metainfo[key] for key in ('classes', 'palette'))
    save_panels(path, images, clusters, cluster_to_class, truths, classes, palette)


def report(rows: dict, picture: Path, seconds: float) -> None:
    """Prints the table and where the picture is."""
    table = PrettyTable(['IoU (%)', *TITLES.values()])
    table.float_format = '.1'
    table.align['IoU (%)'] = 'l'
    scores = [
        matched_scores(np.array(row['confusion']), np.array(row['cluster_to_class']))
        for row in (rows[name] for name in TITLES)
    ]
    classes = rows['picie']['classes']
    for index, name in enumerate(classes):
        ious = [float(score.iou[index]) for score in scores]
        table.add_row([name, *ious], divider=index == len(classes) - 1)
    table.add_row(['mean IoU', *(score.mIoU for score in scores)])
    table.add_row(['pixel accuracy', *(score.aAcc for score in scores)])
    print(table)
    print(f'Training and evaluation took {seconds:.0f} s.')
    print(f'Pictures (image | clusters | matched classes | truth): {picture}')


def main() -> int:
    """Runs the demo; returns the exit code."""
    parser = Parser(description='Train PiCIE on generated landscapes')
    parser.add_argument(
        '--work-dir', type=Path, help=f'a new folder (default: {WORK_DIR}, or _2 ...)'
    )
    parser.add_argument('--train', type=int, help='scenes to train on')
    parser.add_argument('--val', type=int, help='scenes to evaluate on')
    parser.add_argument('--rounds', type=int, help='rounds of training')
    return run_command(show, parser.parse_args())


def show(args: argparse.Namespace) -> None:
    """Draws scenes, trains, evaluates and prints what came out."""
    silence_warnings()
    work_dir = new_folder(args.work_dir)
    scenes = work_dir / 'scenes'
    print('Drawing the scenes ...', flush=True)
    given = dict(train=args.train, val=args.val)
    generate_scenes(scenes, {k: v for k, v in given.items() if v} or None)

    keys = 'train_cfg.max_epochs', 'train_cfg.val_interval', 'param_scheduler.0.end'
    rounds = dict.fromkeys(keys, args.rounds) if args.rounds else {}
    begin = time.monotonic()
    runner = run(PICIE, scenes, work_dir / 'picie', rounds)
    seconds = time.monotonic() - begin
    quiet = dict(log_level='ERROR')
    cluster_only = {'train_cfg.type': 'ClusterOnlyLoop', **quiet}
    run(PICIE, scenes, work_dir / 'untrained', cluster_only)
    run(RGB, scenes, work_dir / 'rgb', quiet)

    rows = {
        name: json.loads((work_dir / name / 'matching.json').read_text())
        for name in TITLES
    }
    picture = work_dir / 'scenes.png'
    draw(runner, np.array(rows['picie']['cluster_to_class']), picture)
    result = {
        f'{"" if name == "picie" else name + "_"}{key}': rows[name]['metrics'][key]
        for name in TITLES
        for key in ('aAcc', 'mIoU')
    }
    write_json(work_dir / 'result.json', dict(result, seconds=seconds))
    report(rows, picture, seconds)
    print(f'Figures: {work_dir / "result.json"}')


if __name__ == '__main__':
    sys.exit(main())
