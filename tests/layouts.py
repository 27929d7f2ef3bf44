"""One image of each split of each data set, in the layout of the real one."""

import json

import numpy as np
from PIL import Image
from scipy.io import savemat


def write(path, height, width, labels=None):
    """Noise, or one label everywhere."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if labels is None:
        noise = np.random.default_rng(0).integers(0, 256, (height, width, 3))
        Image.fromarray(noise.astype(np.uint8)).save(path)
    else:
        Image.fromarray(np.full((height, width), labels, np.uint8)).save(path)


def camvid(root):
    for split in ('train', 'val', 'test'):
        write(root / f'img/{split}_1.jpg', 90, 120)
        write(root / f'ann/{split}_1.png', 90, 120, 3)
        (root / 'splits').mkdir(exist_ok=True)
        (root / f'splits/{split}.txt').write_text(f'{split}_1\n')


def coco_stuff27(root):
    for split in ('train2017', 'val2017'):
        write(root / f'images/{split}/000000000001.jpg', 90, 120)
        (root / 'curated').mkdir(exist_ok=True)
        (root / f'curated/{split}.txt').write_text('000000000001\n')
    write(root / 'annotations/val2017/000000000001.png', 90, 120, 181)


def coco_stuff3(root):
    coco_stuff27(root)
    write(root / 'annotations/val2017/000000000001.png', 90, 120, 93)  # plant
    for split in ('train2017', 'val2017'):
        (root / f'curated/{split}_stuff3.txt').write_text('000000000001\n')


def coco_things12(root):
    coco_stuff27(root)
    write(root / 'annotations/val2017/000000000001.png', 90, 120, 42)  # sports


def potsdam_patches(root):
    (root / 'imgs').mkdir()
    (root / 'gt').mkdir()
    names = ('unlabelled_train', 'labelled_train', 'labelled_test')
    for number, name in enumerate(names):
        (root / f'{name}.txt').write_text(f'{number}\n')
        noise = np.random.default_rng(number).integers(0, 256, (200, 200, 4))
        image = noise.astype(np.uint8)
        savemat(root / f'imgs/{number}.mat', {'img': image})
        if number:
            labels = np.full((200, 200), 5, np.int32)
            savemat(root / f'gt/{number}.mat', {'gt': labels})


def potsdam_tiles(root):
    for split, tile in (('train', '2_10'), ('val', '2_13')):
        name = f'{split}/{tile}_0_0_512_512.png'
        write(root / f'img_dir/{name}', 512, 512)
        write(root / f'ann_dir/{name}', 512, 512, 6)


def cityscapes27(root):
    for split in ('train', 'val', 'test', 'train_extra'):
        name = f'{split}/ulm/ulm_000000_000019'
        write(root / f'leftImg8bit/{name}_leftImg8bit.png', 90, 120)
        write(root / f'gtFine/{name}_gtFine_labelIds.png', 90, 120, 33)


def image_folder(root):
    write(root / 'a.jpg', 90, 120)


def held_out(root):
    """Images and labels with a train and a test list and no list for validation."""
    names = [f'train_{number}' for number in range(6)] + ['test_0']
    for name in names:
        write(root / f'img/{name}.jpg', 90, 120)
        # One label of 0, of an image to train on, shows where the ids begin.
        write(root / f'ann/{name}.png', 90, 120, 0 if name == 'train_1' else 2)
    (root / 'splits').mkdir()
    (root / 'splits/train.txt').write_text('\n'.join(names[:-1]) + '\n')
    (root / 'splits/test.txt').write_text('test_0\n')
    classes = [f'class {number}' for number in range(6)]
    (root / 'meta.json').write_text(json.dumps(dict(classes=classes)))
