"""The commands: arguments, options and help; `mmseg_picie.cli` does the work."""

from typing import Any

import click

from .frame import call, command, device_option, flag, json_option, refine_option

# What `convert` knows; mmseg_picie.checkpoints has the same.
CONVERTED = ['dino', 'dinov2', 'dinov3', 'moco', 'simclr', 'swav', 'stego']


@command('mmseg-picie fit photos/ --clusters 100 --minutes 5 --out runs/photos')
@click.argument('images')
@click.option('--clusters', default=100, help='Number of clusters to find.')
@click.option(
    '--minutes', default=5.0, help='Minutes of training; 0 clusters features alone.'
)
@click.option(
    '--rounds',
    type=int,
    help='Rounds of training in place of minutes: the same result on any machine.',
)
@click.option(
    '--size',
    type=int,
    help='Short side in pixels at which the network sees an image. '
    '[default: 256, less for smaller images]',
)
@click.option('--out', help='New folder of the results.  [default: runs/NAME]')
@click.option('--seed', default=0, help='Of all random draws.')
@flag(
    '--any-rotation',
    'Images have no up and down (cells, aerial): train on turned ones.',
)
def fit(**options: Any) -> None:
    """Find clusters of pixels in a folder of images.

    Pretrained features are clustered first; after a minute or two there are masks,
    overlays and pictures of the clusters to look at. Then PiCIE trains from these
    clusters until the minutes are over, and the results are written anew. The same call
    goes on with a fit that was interrupted.
    """
    call('fit', **options)


@command('mmseg-picie report runs/photos --open')
@click.argument('run')
@click.option('--open', 'open_page', is_flag=True, help='Open the page in a browser.')
@click.option(
    '--labels', metavar='DIR', help='Labels: class and IoU of each cluster, truth.'
)
@click.option(
    '--images', metavar='DIR', help='Images to show.  [default: those of the run]'
)
@click.option('--table', metavar='FILE', help='What the ids or colors of labels mean.')
@click.option(
    '--names',
    metavar='FILE',
    help='Names to begin with, in a browser that has none for this run yet.',
)
@device_option
def report(**options: Any) -> None:
    """Write RUN/report.html, the page where clusters get names.

    One file that needs no network: cards of the clusters, a gallery, what the run did.
    RUN is a folder that fit made (fit writes the page, too), or a checkpoint.
    """
    call('report', **options)


@command('mmseg-picie name runs/photos --set 3=nucleus --set 1,4=cytoplasm --ignore 7')
@click.argument('run')
@click.argument('names', required=False)
@click.option(
    '--set',
    'settings',
    multiple=True,
    metavar='IDS=NAME',
    help='Name clusters; rest=NAME for all others.',
)
@click.option(
    '--ignore', multiple=True, metavar='IDS', help="Clusters to leave out, or 'rest'."
)
@click.option(
    '--from-labels',
    metavar='DIR',
    help='Name each cluster by the majority of its pixels in labeled images.',
)
@click.option(
    '--images', metavar='DIR', help='Images of the labels.  [default: those of the run]'
)
@click.option('--table', metavar='FILE', help='What the ids or colors of labels mean.')
@click.option('--out', help='Checkpoint to write.  [default: RUN/named.pth]')
@device_option
def name(**options: Any) -> None:
    """Say what clusters are; clusters of one name are merged.

    RUN is a folder that fit made, or a checkpoint. NAMES is a names file (YAML).
    """
    call('name', **options)


@command('mmseg-picie refine runs/photos names.yaml --parts 4')
@click.argument('run')
@click.argument('names')
@click.option('--parts', default=4, help='Number of parts of each marked cluster.')
@click.option(
    '--images', metavar='DIR', help='Images to look at.  [default: those of the run]'
)
@click.option('--out', help='New folder of the results.  [default: RUN/refined]')
@click.option('--seed', default=0, help='Of all random draws.')
@device_option
def refine(**options: Any) -> None:
    """Divide clusters that mix two things; all others stay as they are.

    RUN is a folder that fit made, or a checkpoint. NAMES is a names file (YAML) for it
    with a line such as split: [3, 7]. The largest part keeps the id of its cluster, the
    others get new ids; names are kept. The results are those of fit.
    """
    call('refine', **options)


@command('mmseg-picie teach runs/photos labels/ --out taught.pth')
@click.argument('run')
@click.argument('labels')
@click.option(
    '--images', metavar='DIR', help='Images of the labels.  [default: those of the run]'
)
@click.option('--table', metavar='FILE', help='What the ids or colors of labels mean.')
@click.option('--out', help='Checkpoint to write.  [default: RUN/taught.pth]')
@device_option
def teach(**options: Any) -> None:
    """Learn classes from a few labeled images, on the features of a run.

    Labels may be partial: 255 where nothing is said. It takes seconds.
    """
    call('teach', **options)


@command('mmseg-picie predict named.pth photos/ --out masks/ --format png,overlay,coco')
@click.argument('checkpoint')
@click.argument('images')
@click.option('--out', required=True, help='Folder to write to.')
@click.option(
    '--format',
    'formats',
    default='png',
    help='png, overlay, coco, cvat, voc, npz; several with commas.',
)
@click.option(
    '--tile',
    type=int,
    help='Cut images into tiles of this side, each seen as an image of its own. '
    '[default: only images of more than 50 megapixels, into 1024]',
)
@click.option('--batch', default=8, help='Images at a time.')
@refine_option
@device_option
def predict(**options: Any) -> None:
    """Write masks of images.

    CHECKPOINT is a file, or the folder of a run: its names where it has some. An
    interrupted call goes on where it stopped. Images that cannot be read are listed at
    the end. With rasterio, a large TIFF is read by parts, and masks keep the place of
    their image on the map.
    """
    call('predict', **options)


@command('mmseg-picie export named.pth --to onnx --out exported/')
@click.argument('checkpoint')
@click.option('--to', required=True, type=click.Choice(['mmseg', 'onnx', 'backbone']))
@click.option('--out', required=True, help='Folder to write to.')
def export(**options: Any) -> None:
    """Write a model for use without this package."""
    call('export', **options)


@command('mmseg-picie convert dino dino_vits8.pth --out weights/dino_vits8.pth')
@click.argument('method', type=click.Choice(CONVERTED))
@click.argument('file')
@click.option('--out', required=True, help='File to write.')
def convert(**options: Any) -> None:
    """Write authors' weights as a backbone of a config takes them.

    FILE is what the authors of METHOD released: a ViT of DINO, DINOv2 or DINOv3, or a
    ResNet-50 of DINO, MoCo, SimCLR or SwAV: weights that no label trained. Of stego,
    the whole network is written, with its clusters. The lines of the config are
    printed.
    """
    call('convert', **options)


@command('mmseg-picie evaluate named.pth photos/ labels/ --json')
@click.argument('checkpoint')
@click.argument('images')
@click.argument('labels')
@click.option('--table', metavar='FILE', help='What the ids or colors of labels mean.')
@click.option(
    '--simulate',
    metavar='N',
    type=int,
    is_flag=False,
    flag_value=9,
    help='Also name each cluster as a person would who sees N cards of it.  [9]',
)
@click.option(
    '--naming-labels',
    metavar='DIR',
    help='Labels of other images: majority and simulated names come from them.  '
    '[default: LABELS]',
)
@refine_option
@click.option(
    '--naming-images',
    metavar='DIR',
    help='Images of the naming labels.  [default: IMAGES]',
)
@flag(
    '--per-image', 'Also match clusters on each image alone, one to one and majority.'
)
@flag('--boundary', 'Also the F-score of boundaries; takes longer.')
@flag('--knn', 'Also let the 20 nearest pixels of the naming labels vote.')
@flag('--probe', 'Also train one linear layer with the naming labels.')
@json_option
@device_option
def evaluate(**options: Any) -> None:
    """Compare masks with labels.

    Before naming: one to one, by majority and, with --simulate, by cards. --knn and
    --probe ask the features and not the clusters. All are different protocols; their
    figures do not compare.
    """
    call('evaluate', **options)


@command('mmseg-picie doctor')
@json_option
def doctor(**options: Any) -> None:
    """Show versions, devices and weights, what is missing and what mends it."""
    call('doctor', **options)
