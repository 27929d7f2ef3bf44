"""Masks by an exported network: python run_onnx.py MODEL.onnx IMAGE OUT.png

Needs numpy, pillow and onnxruntime alone. OUT.png holds ids, shown in their colors.
"""

import json
import sys

import numpy as np
import onnxruntime
from PIL import Image


def main(model: str, source: str, out: str) -> None:
    """Writes the mask of one image, at the image's own size."""
    session = onnxruntime.InferenceSession(model)
    about = session.get_modelmeta().custom_metadata_map
    colors = json.loads(about['colors'])
    if len(colors) > 256:
        sys.exit(f'{model} has {len(colors)} ids, an indexed PNG holds 256')
    image = Image.open(source).convert('RGB')
    scale = int(about['short_side']) / min(image.size) if 'short_side' in about else 1
    small = image.resize([round(scale * side) for side in image.size], Image.BILINEAR)
    batch = np.asarray(small).transpose(2, 0, 1)[None]  # (1, 3, H, W) uint8
    (ids,) = session.run(['ids'], {'images': batch})  # (1, H, W)
    mask = Image.fromarray(ids[0].astype('uint8')).resize(image.size, Image.NEAREST)
    palette = np.zeros((256, 3), 'uint8')  # all of it, since 255 is no class
    palette[: len(colors)] = colors
    mask.putpalette(palette.tobytes())
    mask.save(out)


if __name__ == '__main__':
    main(*sys.argv[1:])
