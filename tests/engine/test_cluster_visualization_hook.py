import numpy as np
from scipy.io import savemat

from mmseg_picie.engine.hooks.cluster_visualization_hook import read_rgb


def test_mat_patch_is_drawn_without_infrared(tmp_path):
    patch = np.random.default_rng(0).integers(0, 255, (4, 5, 4), dtype=np.uint8)
    savemat(tmp_path / 'patch.mat', dict(img=patch))
    assert np.array_equal(read_rgb(str(tmp_path / 'patch.mat'), None), patch[..., :3])
