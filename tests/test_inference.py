"""A checkpoint is an ordinary mmseg model."""

import json

import cv2
import numpy as np
import pytest
import torch
from mmseg.apis import MMSegInferencer, inference_model, init_model
from small_run import CHANNELS

from mmseg_picie.checkpoints import build_segmentor, store_matching
from mmseg_picie.cli import test as command


@pytest.fixture(scope='module')
def image_file(camvid_root):
    return camvid_root / 'img' / 'val_00.jpg'


@pytest.fixture(scope='module')
def model(trained):
    return init_model(
        str(trained / 'config.py'), str(trained / 'epoch_1.pth'), device='cpu'
    )


def mask_of(output):
    return output.pred_sem_seg.data[0].numpy()


def test_file_and_array_give_the_same_mask_of_the_images_own_size(model, image_file):
    # Last pixel column of an odd size must be predicted too.
    image = cv2.imread(str(image_file))
    from_file = mask_of(inference_model(model, str(image_file)))
    assert from_file.shape == image.shape[:2]
    assert 0 <= from_file.min() and from_file.max() < 4
    assert len(np.unique(from_file)) > 1
    assert np.array_equal(mask_of(inference_model(model, image)), from_file)
    # mmseg rewrites the pipeline for arrays; files must still work afterwards.
    assert np.array_equal(mask_of(inference_model(model, str(image_file))), from_file)
    odd = mask_of(inference_model(model, image[:33, :41]))
    assert odd.shape == (33, 41)


def test_model_names_clusters(model):
    assert model.dataset_meta['classes'] == tuple(f'cluster_{i}' for i in range(4))
    assert len(model.dataset_meta['palette']) == 4


def test_inferencer_predicts_the_same_and_draws(trained, model, image_file, tmp_path):
    inferencer = MMSegInferencer(
        str(trained / 'config.py'), str(trained / 'epoch_1.pth'), device='cpu'
    )
    output = inferencer(str(image_file), out_dir=str(tmp_path), return_vis=True)
    expected = mask_of(inference_model(model, str(image_file)))
    assert np.array_equal(output['predictions'], expected)
    saved = cv2.imread(str(tmp_path / 'pred' / '00000000_pred.png'), -1)
    assert np.array_equal(saved, expected)
    assert (tmp_path / 'vis' / 'val_00.jpg').exists()


def test_test_tool_evaluates_draws_and_writes_masks(trained, model, tmp_path):
    code = command.main(
        [
            str(trained / 'config.py'),
            str(trained / 'epoch_1.pth'),
            '--work-dir',
            str(tmp_path / 'work'),
            '--show-dir',
            str(tmp_path / 'shown'),
            '--out',
            str(tmp_path / 'masks'),
        ]
    )
    assert code == 0
    pictures = sorted((tmp_path).glob('**/shown/**/*.png'))
    assert len(pictures) == 3
    # Truth and prediction side by side, enlarged, a legend below.
    height, width = cv2.imread(str(pictures[0])).shape[:2]
    scale = width / (2 * 56)
    assert scale >= 4
    assert 40 * scale < height < 2 * 40 * scale
    masks = sorted((tmp_path / 'masks').glob('*.png'))
    assert [mask.stem for mask in masks] == ['val_00', 'val_01', 'val_02']
    (matching,) = (tmp_path / 'work').glob('*/matching.json')
    after_training = json.loads((trained / 'matching.json').read_text())
    assert json.loads(matching.read_text())['metrics'] == after_training['metrics']


def test_stored_matching_turns_clusters_into_classes(
    trained, model, image_file, tmp_path
):
    out = tmp_path / 'named.pth'
    matching = trained / 'matching.json'
    names = store_matching(trained / 'epoch_1.pth', matching, out)
    table = json.loads(matching.read_text())
    assert names == [
        table['classes'][c] if c >= 0 else 'no class' for c in table['cluster_to_class']
    ]
    named = init_model(
        str(trained / 'config.py'),
        str(out),
        device='cpu',
        cfg_options={'model.predict_as': 'classes'},
    )
    assert named.dataset_meta['classes'] == tuple(table['classes'])
    # Without the option masks hold clusters, and so say the names.
    unnamed = init_model(str(trained / 'config.py'), str(out), device='cpu')
    assert unnamed.dataset_meta['classes'][0] == 'cluster_0'
    clusters = mask_of(inference_model(model, str(image_file)))
    lookup = np.array(table['cluster_to_class'])
    expected = np.where(lookup < 0, 255, lookup)[clusters]
    assert np.array_equal(mask_of(inference_model(named, str(image_file))), expected)
    # By the file alone it predicts classes.
    alone, alone.cfg = build_segmentor(out)
    assert alone.dataset_meta == named.dataset_meta
    assert np.array_equal(mask_of(inference_model(alone, str(image_file))), expected)


def test_matching_of_other_centroids_is_refused(trained, tmp_path):
    table = json.loads((trained / 'matching.json').read_text())
    # The matching of a run of as many rounds that ended elsewhere.
    checkpoint = torch.load(trained / 'epoch_1.pth', weights_only=False)
    checkpoint['state_dict']['decode_head.eval_centroids'] += 1e-3
    torch.save(checkpoint, tmp_path / 'other.pth')
    with pytest.raises(ValueError, match='evaluate this checkpoint'):
        store_matching(
            tmp_path / 'other.pth', trained / 'matching.json', tmp_path / 'out.pth'
        )
    table['num_clusters'] = 7
    other = tmp_path / 'other.json'
    other.write_text(json.dumps(table))
    with pytest.raises(ValueError, match='is of 7 clusters'):
        store_matching(trained / 'epoch_1.pth', other, tmp_path / 'out.pth')
    with pytest.raises(ValueError, match='another file than the checkpoint'):
        checkpoint = trained / 'epoch_1.pth'
        store_matching(checkpoint, trained / 'matching.json', checkpoint)
    assert not (tmp_path / 'out.pth').exists()


def test_backbone_weights_load_into_a_supervised_model(trained):
    """Users take the checkpoint as a better start for supervised training."""
    from mmengine.config import ConfigDict
    from mmseg.registry import MODELS

    source = torch.load(trained / 'epoch_1.pth', weights_only=False)['state_dict']
    backbone = MODELS.build(
        ConfigDict(
            type='ResNet',
            depth=18,
            base_channels=CHANNELS[0],
            norm_cfg=dict(type='BN'),
            init_cfg=dict(
                type='Pretrained',
                checkpoint=str(trained / 'epoch_1.pth'),
                prefix='backbone.',
            ),
        )
    )
    backbone.init_weights()
    for name, value in backbone.state_dict().items():
        assert torch.equal(value, source[f'backbone.{name}'])
