"""mmseg-picie refine: divides the clusters that mix two things."""

from pathlib import Path

from ..checkpoints import find_checkpoint, read_names
from ..errors import InputError
from ..inference import PARTS, Segmenter, check_marked
from ..inference import refine as run_refine
from ..report import REPORT, write_report

FOLDER = 'refined'


def refine(
    run: str | Path,
    names: str | Path,
    say,
    parts: int = PARTS,
    images: str | Path | None = None,
    out: str | Path | None = None,
    seed: int = 0,
    device: str | None = None,
) -> None:
    """Runs the command.

    Args:
        run: A folder of a run or a checkpoint file; in a folder, the checkpoint that
            the names file is for.
        names: A names file with clusters to split.
        say: Takes a line for a person.
        parts: Of each of these clusters.
        images: Folder of the images; None for those of the run.
        out: New folder of the results; None for refined/ beside the checkpoint.
        seed: Of all draws.
        device: What the network runs on.

    Raises:
        MissingFileError: If a file or folder does not exist.
        InputError: If the names do not fit the checkpoint, mark no cluster, or one
            that cannot be divided.
    """
    given = read_names(Path(names))
    checkpoint = find_checkpoint(Path(run), given.checkpoint)
    out = checkpoint.parent / FOLDER if out is None else Path(out)
    segmenter = Segmenter(checkpoint, device)
    images = segmenter.cfg.data_root if images is None else images
    try:
        check_marked(segmenter, given)
    except InputError as error:
        raise InputError(f'{names}: {error}') from error
    found = run_refine(segmenter, given, Path(images), out, say, parts, seed)
    write_report(out, images=images, names=found.names, device=device, say=say)
    named = f', {len(given.clusters)} of them named as before' * bool(given.clusters)
    say('')
    say(f'{out}: {found.num_clusters} clusters{named}')
    for name, what in (
        (REPORT, 'open it in a browser: look at the parts and name them'),
        ('clusters.pth', 'the model'),
        ('names.yaml', 'the names that are kept'),
        ('clusters/', 'a picture of each cluster'),
        ('overlays/', 'images beside their clusters'),
        ('masks/', 'cluster of each pixel'),
    ):
        say(f'  {name:18} {what}')
    say('')
    say(f'Next, with the names file that {REPORT} makes:')
    say(f'  mmseg-picie name {out} names.yaml')
