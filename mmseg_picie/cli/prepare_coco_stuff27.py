"""Makes the layout of COCO-Stuff-27, -15 and -3 from the archives that COCO offers.

Puts the archives that it finds (train2017.zip, val2017.zip and
stuffthingmaps_trainval2017.zip; or, in place of the last, annotations_trainval2017.zip
and stuff_annotations_trainval2017.zip) into images/ and annotations/ of ROOT, draws
label maps from the JSON files where the PNG files are missing, and writes the lists of
images into curated/. Whole files are kept, so that it can be run again.
"""

import argparse
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from ..datasets.preparation import (
    ARCHIVES,
    RULES,
    SPLITS,
    ListRule,
    inspect_split,
    list_members,
    unpack,
    write_label_maps,
    write_list,
)
from ..errors import InputError, MissingFileError
from .parser import Parser
from .progress import track
from .run import run

JSON_ARCHIVES = ('annotations_trainval2017.zip', 'stuff_annotations_trainval2017.zip')


def make_parser() -> argparse.ArgumentParser:
    """The arguments."""
    parser = Parser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('root', type=Path, help='folder, e.g. data/coco_stuff164k')
    parser.add_argument(
        '--downloads', type=Path, help='folder of the archives (default: ROOT)'
    )
    parser.add_argument(
        '--subset',
        type=int,
        choices=sorted(RULES),
        default=15,
        help='classes of the list: 15 (also for COCO-Stuff-27) or 3 '
        '(default: %(default)s)',
    )
    parser.add_argument('--splits', nargs='+', choices=SPLITS, default=SPLITS)
    return parser


def unpack_found(root: Path, downloads: Path, names: Iterable[str]) -> None:
    """Unpacks the archives that are there."""
    for name in names:
        archive = downloads / name
        if archive.is_file():
            print(f'{archive}: {unpack(archive, root, track)} new files')


def prepare_labels(root: Path, downloads: Path, split: str) -> None:
    """Makes sure that every image of a split has its label map."""
    state = inspect_split(root, split)
    print(f'{split}: {len(state.images)} images, {len(state.labels)} label maps')
    if not state.images:
        raise MissingFileError(
            f'no images in {root / "images" / split}; download {split}.zip'
        )
    missing = sorted(state.images - state.labels)
    if missing:
        print(
            f'{split}: {len(missing)} images have no label map (first {missing[0]}), '
            'drawing them from JSON'
        )
        unpack_found(root, downloads, JSON_ARCHIVES)
        if state.missing_json:
            raise MissingFileError(
                f'{len(missing)} images have no label map (first {missing[0]}) and '
                f'{state.missing_json[0]} does not exist; download '
                f'stuffthingmaps_trainval2017.zip, or {" and ".join(JSON_ARCHIVES)}, '
                'or remove these images'
            )
        written, kept = write_label_maps(
            state.instances, state.stuff, root / 'annotations' / split, track
        )
        print(f'{split}: {written} label maps drawn, {kept} kept')
        missing = sorted(state.images - inspect_split(root, split).labels)
        if missing:
            raise InputError(
                f'{len(missing)} images have no label map and are not in '
                f'{state.instances} (first {missing[0]}); replace that file or remove '
                'these images'
            )


def prepare_list(root: Path, split: str, rule: ListRule) -> None:
    """Writes the list of a split, unless there is one."""
    path = root / 'curated' / f'{split}{rule.suffix}.txt'
    if path.is_file():
        ids = path.read_text(encoding='utf-8-sig').split()
        done = 'kept; delete it to make it again'
    else:
        folder = root / 'annotations' / split
        ids = list_members(folder, rule, track)
        if not ids:
            raise InputError(
                f'no label map in {folder} fits the rule of the list: sides of at '
                f'least {rule.min_side} pixels, and {rule.min_share:.0%} of the pixels '
                f'in its {len(rule.classes)} classes; check the label maps'
            )
        images = inspect_split(root, split).images
        absent = [entry for entry in ids if entry not in images]
        if absent:
            raise MissingFileError(
                f'{len(absent)} of {len(ids)} images to list are not in '
                f'{root / "images" / split} (the first is {absent[0]}); add them'
            )
        write_list(path, ids)
        done = 'written'
    published = rule.published[split]
    print(f'{path}: {len(ids)} ids, published: {published} ({done})')
    if not rule.note and len(ids) != published:
        print(
            f'warning: {path} has {len(ids)} ids, the published list has {published}: '
            'images or label maps are missing or differ',
            file=sys.stderr,
        )


def main(argv: list[str] | None = None) -> int:
    """Runs ``tools/prepare_coco_stuff27.py``; returns the exit code."""
    args = make_parser().parse_args(argv)
    downloads, rule = args.downloads or args.root, RULES[args.subset]
    code = run(_unpack_images, args)
    if code:
        return code
    for split in args.splits:  # what is wrong with one does not stop the other
        code = max(code, run(partial(_prepare, args.root, downloads, rule), split))
    if rule.note:
        print(f'note: {rule.note}')
    return code


def _unpack_images(args: argparse.Namespace) -> None:
    other = [f'{split}.zip' for split in SPLITS if split not in args.splits]
    names = [n for n in ARCHIVES if n not in (*JSON_ARCHIVES, *other)]
    unpack_found(args.root, args.downloads or args.root, names)


def _prepare(root: Path, downloads: Path, rule: ListRule, split: str) -> None:
    prepare_labels(root, downloads, split)
    prepare_list(root, split, rule)
