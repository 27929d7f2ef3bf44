"""Options of PiCIE that cannot have an effect are refused."""

import pytest
from picie_model import build


@pytest.mark.parametrize('option', ['label_agreement', 'correspondence', 'contrast'])
def test_what_compares_two_views_is_no_option_of_one(option):
    value = dict(
        label_agreement=True,
        correspondence=dict(type='CorrespondenceLoss'),
        contrast=dict(type='PixelContrastLoss'),
    )
    with pytest.raises(TypeError, match=option):
        build(type='MDC', **{option: value[option]})


@pytest.mark.parametrize('option', ['correspondence', 'contrast'])
def test_terms_of_vectors_that_are_not_unit_are_refused(option):
    head = dict(
        type='ClusteringHead',
        in_channels=16,
        num_clusters=5,
        normalize=False,
        loss=dict(type='ClusteringLoss'),
    )
    kind = dict(correspondence='CorrespondenceLoss', contrast='PixelContrastLoss')
    with pytest.raises(ValueError, match=f'{option} .*decode_head.normalize is False'):
        build(decode_head=head, **{option: dict(type=kind[option])})


def test_correspondences_without_a_frozen_copy_are_refused():
    with pytest.raises(ValueError, match="label_network='trained' runs none"):
        build(label_network='trained', correspondence=dict(type='CorrespondenceLoss'))
