"""Trains PiCIE on generated landscapes and shows what it learned.

python tools/demo.py [--work-dir work_dirs/demo]
"""

import argparse
import json
import shutil
import time
from pathlib import Path

import cv2
import numpy as np
from mmengine.config import Config
from mmengine.runner import Runner
from prettytable import PrettyTable

from mmseg_picie.cli import set_data_root, silence_warnings
from mmseg_picie.datasets.scenes import generate_scenes
from mmseg_picie.files import write_json
from mmseg_picie.scores import matched_scores
from mmseg_picie.visualization import save_panels

CONFIGS = Path(__file__).resolve().parent.parent / 'configs'
PICIE = CONFIGS / 'picie' / 'picie_fpn_r18_scenes.py'
RGB = CONFIGS / 'frozen' / 'kmeans_rgb_scenes.py'
TITLES = dict(picie='PiCIE', untrained='untrained network', rgb='k-means on RGB')
SHOWN_SCENES = 6


def run(config: Path, scenes: Path, work_dir: Path, overrides: dict) -> Runner:
    """Trains and evaluates one config in a clean folder, as tools/train.py does."""
    print(f'{TITLES[work_dir.name]} ...', flush=True)
    shutil.rmtree(work_dir, ignore_errors=True)
    cfg = Config.fromfile(config)
    cfg.merge_from_dict(overrides)
    cfg.work_dir = str(work_dir)
    # Runs of one process need loggers and visualizers of their own.
    cfg.experiment_name = cfg.visualizer.name = work_dir.name
    set_data_root(cfg, str(scenes))
    runner = Runner.from_cfg(cfg)
    runner.train()
    return runner


def make_scenes(folder: Path, counts: dict[str, int] | None) -> None:
    """Draws the scenes, anew where the folder holds those of another version."""
    print('Drawing the scenes ...', flush=True)
    try:
        generate_scenes(folder, counts)
    except ValueError:
        shutil.rmtree(folder)
        generate_scenes(folder, counts)


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
    palette = dataset.metainfo['palette']
    save_panels(path, images, clusters, cluster_to_class, truths, palette)


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


def main() -> None:
    """Runs the demo."""
    parser = argparse.ArgumentParser(description='Train PiCIE on generated landscapes')
    parser.add_argument('--work-dir', type=Path, default=Path('work_dirs/demo'))
    parser.add_argument('--train', type=int, help='scenes to train on')
    parser.add_argument('--val', type=int, help='scenes to evaluate on')
    parser.add_argument('--rounds', type=int, help='rounds of training')
    args = parser.parse_args()
    silence_warnings()
    work_dir, scenes = args.work_dir, args.work_dir / 'scenes'
    result_path = work_dir / 'result.json'
    result_path.unlink(missing_ok=True)  # an old result is never reported
    given = dict(train=args.train, val=args.val)
    make_scenes(scenes, {k: v for k, v in given.items() if v} or None)

    keys = 'train_cfg.max_epochs', 'train_cfg.val_interval', 'param_scheduler.0.end'
    rounds = dict.fromkeys(keys, args.rounds) if args.rounds else {}
    start = time.monotonic()
    runner = run(PICIE, scenes, work_dir / 'picie', rounds)
    seconds = time.monotonic() - start
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
    write_json(result_path, dict(result, seconds=seconds))
    report(rows, picture, seconds)
    print(f'Figures: {result_path}')


if __name__ == '__main__':
    main()
