"""What every segmentor of clusters does: precision, memory format, prediction."""

import pytest
import torch
from mmseg.structures import SegDataSample
from picie_model import build, give_centroids, views

from mmseg_picie.errors import InputError


def test_reduced_precision_is_that_of_every_pass():
    model = build(precision='bfloat16').eval()
    plain = build().eval()  # the same weights
    seen = []
    model.neck.register_forward_hook(lambda *args: seen.append(args[2][0].dtype))
    model.freeze_network()
    with torch.no_grad():
        trained = model.trained_views(views())
        exact = plain.trained_views(views())
        frozen = model.frozen_views(views())
    assert seen and set(seen) == {torch.bfloat16}
    for ours, copy_of_ours, full in zip(trained, frozen, exact, strict=True):
        assert torch.equal(ours, copy_of_ours)  # labels agree with the clustering
        assert ours.dtype == torch.float32
        assert torch.allclose(ours.norm(dim=1), torch.ones(()), atol=1e-5)
        assert 0 < (ours - full).abs().max() < 0.1


@pytest.mark.parametrize('channels_last', [True, False])
def test_memory_format_changes_no_result(channels_last):
    model = build(channels_last=channels_last).eval()
    other = build(channels_last=not channels_last).eval()
    maps = model.extract_feat(views()['view1'])[0]
    assert maps.is_contiguous(memory_format=model.memory_format)
    assert torch.allclose(maps, other.extract_feat(views()['view1'])[0], atol=1e-4)


def test_preprocessor_normalizes_both_views_in_rgb():
    model = build()
    raw = dict(view1=torch.randint(0, 256, (2, 3, 4, 4), dtype=torch.uint8))
    raw['view2'] = raw['view1'] // 2
    output = model.data_preprocessor(dict(inputs=raw), True)['inputs']
    rgb = raw['view2'].flip(1).float()
    mean, std = torch.tensor([0, 50, 100]), torch.tensor([1, 2, 4])
    expected = (rgb - mean[:, None, None]) / std[:, None, None]
    assert torch.equal(output['view2'], expected)


def test_prediction_without_centroids_is_refused():
    with pytest.raises(InputError, match='never fitted'):
        build()(torch.randn(1, 3, 64, 64))


def test_checkpoint_of_another_number_of_clusters_is_refused():
    with pytest.raises(ValueError, match=r'\(5,\), the config asks for \(7,\)'):
        build(num_clusters=7).load_state_dict(build(num_clusters=5).state_dict())


def predict(model):
    sample = SegDataSample(metainfo=dict(img_shape=(64, 64), ori_shape=(64, 64)))
    torch.manual_seed(3)
    with torch.no_grad():
        return model.eval().predict(torch.randn(1, 3, 64, 64), [sample])[0]


def test_classes_are_predicted_through_the_stored_matching():
    clusters, classes = build(), build(predict_as='classes')
    give_centroids(clusters)
    classes.load_state_dict(clusters.state_dict())
    with pytest.raises(InputError, match='store_matching'):
        predict(classes)
    table = torch.tensor([7, -1, 3, 7, 0])
    classes.decode_head.cluster_to_class.copy_(table)
    expected = table[predict(clusters).pred_sem_seg.data]
    expected[expected < 0] = 255
    output = predict(classes)
    assert torch.equal(output.pred_sem_seg.data, expected)
    assert 'num_clusters' not in output


def test_new_centroids_forget_the_matching():
    model = build()
    give_centroids(model)
    model.decode_head.cluster_to_class.fill_(2)
    give_centroids(model)
    assert (model.decode_head.cluster_to_class == -1).all()


@pytest.mark.parametrize(
    'config',
    [
        dict(predict_as='names'),
        dict(precision='float16'),
        dict(label_network='ema'),
        dict(decode_head=dict(type='ClusteringHead', in_channels=2, num_clusters=1)),
        dict(
            decode_head=dict(
                type='ClusteringHead', in_channels=2, num_clusters=3, label_rule='l2'
            )
        ),
    ],
)
def test_unknown_value_is_refused(config):
    names = 'predict_as|precision|label_network|num_clusters|label_rule'
    with pytest.raises(ValueError, match=names):
        build(**config)
