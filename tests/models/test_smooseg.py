"""SmooSeg: smooth labels of frozen features, a student and its teacher."""

import copy

import pytest
import torch
import torch.nn.functional as F
from mmengine.registry import init_default_scope
from mmseg.registry import MODELS
from test_stego import CONFIG as STEGO
from test_stego import D, K, batch, losses_of

from mmseg_picie.errors import InputError
from mmseg_picie.models import TeacherHead

CONFIG = dict(
    {name: value for name, value in STEGO.items() if name != 'type'},
    type='SmooSeg',
    decode_head=dict(type='TeacherHead', in_channels=D, num_clusters=K, momentum=0.9),
    pair_loss=dict(
        type='SmoothnessLoss',
        weights=dict(self=1.0, random=1.0),
        shifts=dict(self=-0.02, random=0.48, neighbor=0.1),
    ),
)


@pytest.fixture(autouse=True)
def scope():
    init_default_scope('mmseg')


def build(**changes):
    config = copy.deepcopy(CONFIG)
    for name, value in changes.items():
        config[name].update(value)
    torch.manual_seed(0)
    return MODELS.build(config).train()


def cosines(units, rows):
    return units @ F.normalize(rows, dim=1).T


def test_energy_is_the_plain_formula():
    model = build(neck=dict(dropout=0.0))
    teacher = model.decode_head.classifier.weight[..., 0, 0].clone()
    losses = losses_of(model, batch(('view1',)))
    inputs = model.data_preprocessor(batch(('view1',)), True)['inputs']
    maps = model.neck.join(model.backbone(inputs['view1']))
    features = F.normalize(maps.flatten(2).mT, dim=2)
    codes = F.normalize(model.neck(maps)[0].flatten(2).mT, dim=2)
    labels = F.normalize((cosines(codes, teacher) / 0.1).softmax(2), dim=2)
    torch.manual_seed(2)
    order = torch.randperm(3)
    order[order == torch.arange(3)] += 1

    def smoothness(others, shift):
        likeness = torch.einsum('npc,nqc->npq', features, features[others])
        mean = likeness.mean()
        likeness = likeness - likeness.mean(2, keepdim=True) + mean
        differ = 1 - torch.einsum('npk,nqk->npq', labels, labels[others])
        return ((likeness - shift) * differ).mean()

    torch.testing.assert_close(losses['loss_self'], smoothness([0, 1, 2], -0.02))
    torch.testing.assert_close(losses['loss_random'], smoothness(order % 3, 0.48))
    scores = cosines(codes, model.decode_head.student).flatten(0, 1)
    target = cosines(codes, teacher).flatten(0, 1).argmax(1)
    expected = (scores.logsumexp(1) - scores[torch.arange(len(scores)), target]).mean()
    torch.testing.assert_close(losses['loss_data'], expected)


def test_each_term_trains_its_own_part():
    model = build()
    losses = losses_of(model, batch(('view1',)))
    losses['loss_data'].backward(retain_graph=True)
    assert model.decode_head.student.grad.any()
    assert all(p.grad is None for p in model.neck.parameters())
    model.decode_head.student.grad = None
    (losses['loss_self'] + losses['loss_random']).backward()
    assert model.decode_head.student.grad is None
    assert model.neck.linear.weight.grad.any()
    assert not model.decode_head.classifier.weight.requires_grad


def test_teacher_follows_the_student_after_each_step():
    model = build()
    head = model.decode_head
    assert torch.equal(head.classifier.weight[..., 0, 0], head.student)
    with torch.no_grad():
        head.student += torch.randn_like(head.student)
    before = head.classifier.weight[..., 0, 0].clone()
    for inputs in (batch(('view1',)), None):
        if inputs is None:
            model.loss({})  # a process without samples
        else:
            losses_of(model, inputs)
        before = 0.9 * before + 0.1 * head.student.detach()
        torch.testing.assert_close(head.classifier.weight[..., 0, 0], before)


def test_predictions_are_the_teachers():
    head = TeacherHead(in_channels=D, num_clusters=K)
    with torch.no_grad():
        head.student.neg_()
    points = head.classifier.weight[..., 0, 0]
    found = head([points.T.view(1, D, 1, K)]).argmax(1).flatten()
    assert found.tolist() == list(range(K))


def test_neighbors_are_compared_where_they_have_a_weight():
    model = build(pair_loss=dict(weights=dict(self=1.0, neighbor=1.0, random=1.0)))
    assert losses_of(model, batch()).keys() == {
        'loss_self',
        'loss_neighbor',
        'loss_random',
        'loss_data',
    }


def test_process_without_samples_has_the_same_terms_of_zero():
    model = build()
    losses = model.loss({})
    assert losses.keys() == losses_of(model, batch(('view1',))).keys()
    assert all(value == 0 for value in losses.values())
    sum(losses.values()).backward()
    assert all(
        p.grad is not None and not p.grad.any()
        for p in model.parameters()
        if p.requires_grad
    )


@pytest.mark.parametrize(
    'changes, words',
    [
        (dict(decode_head=dict(momentum=1.0)), r'momentum must lie in \[0, 1\)'),
        (dict(decode_head=dict(temperature=0.0)), 'temperature must be > 0'),
    ],
)
def test_bad_options_are_named(changes, words):
    with pytest.raises(InputError, match=words):
        build(**changes)


def test_another_head_is_refused():
    head = dict(type='ProbeHead', in_channels=D, num_clusters=K)
    with pytest.raises(InputError, match='must be TeacherHead in SmooSeg'):
        MODELS.build(dict(CONFIG, decode_head=head))
