"""``score_run.py``: figures of a finished training under several protocols.

    python tools/research/score_run.py CONFIG CHECKPOINT --out FILE --protocols knn ...

Images and labels are those of the config: test_dataloader is scored, the images of
train_dataloader with their labels name clusters and teach probes.
"""

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.device import get_device
from mmseg.registry import DATASETS
from torch.utils.data import Dataset

from mmseg_picie.cli import Parser, run
from mmseg_picie.cli.arguments import add_network_arguments
from mmseg_picie.cli.configs import load_network
from mmseg_picie.cli.labeled_images import (
    check_apart,
    check_labeled,
    labeled_training_set,
)
from mmseg_picie.cli.run import ConfigErrors
from mmseg_picie.engine import ImagePass
from mmseg_picie.errors import InputError
from mmseg_picie.evaluation import (
    BANK,
    LabeledClusters,
    NamingScores,
    score_naming,
    with_boundaries,
)
from mmseg_picie.files import write_json
from mmseg_picie.inference import (
    PROBES,
    EmbeddingNetwork,
    LabeledEmbeddings,
    predicting_centroids,
    score_probes,
)

# Which of the rows of score_naming a protocol is: its method and who named.
ROWS = {
    'one_to_one': ('one_to_one', 'scored images'),
    'majority': ('majority', 'labeling images'),
    'per_image': ('per_image', 'scored images'),
}
BOUNDARY = 'boundary'  # of the clusters matched one to one
PROTOCOLS = (*ROWS, BOUNDARY, *PROBES)
BATCH = 8
CACHE_BYTES = 2e9


def main(argv: list[str] | None = None) -> int:
    """Runs the script; returns the exit code."""
    parser = Parser(description=__doc__.splitlines()[0])
    add_network_arguments(parser)
    parser.add_argument('--out', type=Path, required=True, help='JSON to write')
    parser.add_argument('--protocols', nargs='+', choices=PROTOCOLS, default=PROTOCOLS)
    parser.add_argument('--seed', type=int, default=0, help='of probes')
    parser.add_argument(
        '--bank', type=int, default=BANK, help='labeled pixels that vote (%(default)s)'
    )
    return run(_score, parser.parse_args(argv))


class DatasetClusters:
    """Predicted clusters and labels of a config's images; walked anew each time.

    Args:
        network: Its model predicts.
        dataset: Gives packed test samples with labels.
        num_workers: Loader workers.
        title: Name in the progress bar.
    """

    def __init__(
        self, network: EmbeddingNetwork, dataset: Dataset, num_workers: int, title: str
    ) -> None:
        self.model = network.model
        self._pass = ImagePass(dataset, BATCH, num_workers, list, title, share=1.0)

    @property
    def num_images(self) -> int:
        """Images of a walk."""
        return self._pass.num_images

    @torch.no_grad()
    def __iter__(self) -> Iterator[LabeledClusters]:
        """Cluster ids and class ids of each image, (H, W) each."""
        for _, samples in self._pass.run((0, 0)):
            for sample in samples:
                batch = {key: [value] for key, value in sample.items()}
                (found,) = self.model.test_step(batch)
                ids, labels = found.pred_sem_seg.data, found.gt_sem_seg.data
                yield ids[0].cpu().numpy(), labels[0].cpu().numpy()


def _score(args: argparse.Namespace) -> None:
    cfg, network = load_network(args)
    network.model.predict_as = 'clusters'
    training = labeled_training_set(cfg)
    check_labeled(cfg, 'test_dataloader')
    with ConfigErrors():
        training, scored = map(DATASETS.build, (training, cfg.test_dataloader.dataset))
    classes = tuple(scored.metainfo.get('classes', ()))
    if not classes or tuple(training.metainfo['classes']) != classes:
        raise InputError(
            f'{args.config}: training images have the classes '
            f'{training.metainfo["classes"]}, test images {classes}: they must be the '
            'same'
        )
    check_apart(training, scored, 'test')
    workers = cfg.train_dataloader.get('num_workers', 0)
    streams = dict(training=training, scored=scored)
    rows = cluster_rows(network, streams, len(classes), workers, args.protocols)
    probes = [kind for kind in args.protocols if kind in PROBES]
    if probes:
        found = [
            LabeledEmbeddings(network, streams[name], BATCH, workers, CACHE_BYTES)
            for name in ('scored', 'training')
        ]
        options = dict(seed=args.seed, device=get_device(), bank_size=args.bank)
        rows += score_probes(probes, *found, len(classes), **options)
    content = dict(
        num_images=len(scored),
        num_training_images=len(training),
        num_classes=len(classes),
        figures={name: figures(rows, name) for name in args.protocols},
    )
    write_json(args.out, content)


def cluster_rows(
    network: EmbeddingNetwork,
    streams: dict[str, Dataset],
    num_classes: int,
    workers: int,
    protocols: Sequence[str],
) -> list[NamingScores]:
    """Scores of clusters under the protocols that need them."""
    if not {*ROWS, BOUNDARY} & set(protocols):
        return []
    network.model.decode_head.require_fitted()
    shape = num_classes, network.model.decode_head.num_clusters
    scored = DatasetClusters(network, streams['scored'], workers, 'scoring')
    labeling = centroids = None
    if 'majority' in protocols:
        labeling = DatasetClusters(network, streams['training'], workers, 'naming')
        centroids = predicting_centroids(network)
    rows = score_naming(
        scored,
        *shape,
        labeling=labeling,
        num_cards=None,
        centroids=centroids,
        per_image='per_image' in protocols,
    )
    if BOUNDARY in protocols:
        first = [
            row for row in rows if (row.method, row.named_by) == ROWS['one_to_one']
        ]
        rows += with_boundaries(first, scored, *shape)
    return rows


def figures(rows: Sequence[NamingScores], protocol: str) -> dict[str, Any]:
    """Figures of a protocol in percent, None for those of no class; and its words."""
    if protocol == BOUNDARY:
        (row,) = [row for row in rows if row.boundary is not None]
        return dict(boundary_mF=_number(row.boundary.mF))
    method, source = ROWS.get(protocol, (protocol, None))
    row = next(
        row for row in rows if row.method == method and source in (None, row.named_by)
    )
    scores = row.scores
    return dict(
        aAcc=_number(scores.aAcc), mIoU=_number(scores.mIoU), protocol=row.protocol
    )


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


if __name__ == '__main__':
    sys.exit(main())
