"""mmseg-picie predict: masks of images."""

import sys
from pathlib import Path

from ..checkpoints import find_checkpoint
from ..errors import InputError, MissingFileError, check_least
from ..files import is_hidden, is_image_name, left_out_sentences, list_images
from ..inference import LEAST_TILE, InputImage, Segmenter, Written, write_masks
from ..mask_files import FORMATS

NAMED, TAUGHT = 'named.pth', 'taught.pth'  # as name and teach call them
WRITTEN = ('masks', 'overlays', 'coco_parts', 'cvat', 'voc', 'npz')  # below --out
SHOWN_CLASSES = 12


def predict(
    checkpoint: str | Path,
    images: str | Path,
    out: str | Path,
    say,
    formats: str = 'png',
    tile: int | None = None,
    batch: int = 8,
    device: str | None = None,
    refine: str | None = None,
) -> int:
    """Runs the command.

    Args:
        checkpoint: A checkpoint file, or a folder of a run: its named.pth or
            taught.pth, and where it has neither, its clusters.
        images: A folder of images, or one image.
        out: Folder to write to.
        say: Takes a line for a person.
        formats: Of :data:`~mmseg_picie.mask_files.FORMATS`, with commas.
        tile: Side of the tiles that images are cut into; None: large images alone.
        batch: Images at a time.
        device: What the network runs on.
        refine: What masks are refined by, of
            :data:`~mmseg_picie.refinement.REFINEMENTS`; None: as the checkpoint says.

    Returns:
        0; 1 if an image was left out.

    Raises:
        MissingFileError: If the checkpoint or the images do not exist.
        InputError: If an option cannot be used, ``out`` lies among the images, or it
            holds masks of another model.
    """
    wanted = split_formats(formats)
    check_least('--tile', tile, LEAST_TILE)
    check_least('--batch', batch, 1)
    images, out = Path(images), Path(out)
    check_apart(images, out)
    found, names, left_out = find_images(images)
    file = find_model(Path(checkpoint))
    segmenter = Segmenter(file, device, refine=refine)
    say(f'{file} predicts {describe_classes(segmenter)}')
    if segmenter.refinement is not None:
        say(f'masks are refined by {segmenter.refinement}')
    say(f'{len(found)} images of {images} -> {", ".join(wanted)} in {out}')
    for line in left_out_sentences(images, left_out):
        say(line)
    written = write_masks(segmenter, found, out, wanted, batch, tile, names=names)
    there = f', {written.there} were there already' if written.there else ''
    say(f'{out}: {written.written} images written{there}')
    report_unreadable(written)
    # What is hidden is no image to anybody; a link to nowhere is one that is missed.
    missed = [name for name, _ in left_out if not is_hidden(name)]
    return 1 if written.unreadable or missed else 0


def split_formats(text: str) -> list[str]:
    """The formats of an option; those named twice once.

    Raises:
        InputError: If one is unknown.

    Examples:
        >>> split_formats('png, coco,png')
        ['png', 'coco']
    """
    wanted = list(dict.fromkeys(part.strip() for part in text.split(',')))
    unknown = [part for part in wanted if part not in FORMATS]
    if unknown:
        raise InputError(
            f'--format must be some of {", ".join(FORMATS)}, with commas, got {text!r}'
        )
    return wanted


def check_apart(images: Path, out: Path) -> None:
    """Refuses outputs that would be images of the next call.

    Raises:
        InputError: If ``out`` lies in the folder of the images, or that folder in one
            that is written.
    """
    if out.exists() and not out.is_dir():
        raise InputError(f'--out must be a folder, {out} is a file')
    if not images.is_dir():
        return
    source, target = images.resolve(), out.resolve()
    inside = source in (target, *target.parents)
    if inside or any(source.is_relative_to(target / name) for name in WRITTEN):
        raise InputError(
            f'masks in --out {out} would be among the images of {images}, and taken '
            'for images later: name a folder of its own'
        )


def find_model(path: Path) -> Path:
    """The checkpoint that is meant by a file or a folder of a run.

    Raises:
        MissingFileError: If there is no such file or folder.
        InputError: If the folder has no checkpoint, or several with names.
    """
    found = [path / name for name in (NAMED, TAUGHT) if (path / name).is_file()]
    if len(found) > 1:
        raise InputError(
            f'{path} has {NAMED} and {TAUGHT}: give the file that is meant'
        )
    return found[0] if found else find_checkpoint(path)


def find_images(path: Path) -> tuple[list[InputImage], list[str], list]:
    """What a folder or file holds.

    Returns:
        The images; names of all images beside which files are named; (path, reason) of
        what is left out.

    Raises:
        MissingFileError: If there is no such file or folder.
        InputError: If a folder has no images.
    """
    if path.is_dir():
        names, left_out = list_images(path)
        if not names:
            raise InputError(f'{path} holds no image: name another folder')
        found = [InputImage(name, path / name) for name in names]
        return found, names, left_out
    if not path.is_file():
        raise MissingFileError(f'{path} does not exist: name an image or a folder')
    # a.jpg beside a.png: a later call for that one must not find the mask of this one.
    siblings = (p.name for p in path.parent.iterdir() if is_image_name(p.name))
    return [InputImage(path.name, path)], sorted({path.name, *siblings}), []


def describe_classes(segmenter: Segmenter) -> str:
    """What the values of masks are, in words."""
    names = segmenter.classes
    if segmenter.model.predict_as == 'clusters':
        return f'{len(names)} clusters without names'
    more = ', ...' if len(names) > SHOWN_CLASSES else ''
    return f'{len(names)} classes: {", ".join(names[:SHOWN_CLASSES])}{more}'


def report_unreadable(written: Written) -> None:
    """Prints every image that could not be read, also to those who want it quiet."""
    if written.unreadable:
        count = len(written.unreadable)
        print(f'{count} images could not be read:', file=sys.stderr)
    for name, reason in written.unreadable:
        print(f'  {name}: {reason}', file=sys.stderr)
