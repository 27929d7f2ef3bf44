import pytest
import torch
import torch.nn.functional as F
from sklearn.decomposition import PCA

from mmseg_picie.models.necks.lateral_sum_fpn import LateralSumFPN
from mmseg_picie.models.necks.multi_level_pca import MultiLevelPCA


def test_fpn_is_the_sum_of_upsampled_laterals():
    neck = LateralSumFPN([3, 5, 7], out_channels=4)
    levels = [torch.randn(2, c, s, s) for c, s in ((3, 16), (5, 8), (7, 4))]
    laterals = [conv(x) for conv, x in zip(neck.laterals, levels, strict=True)]

    def up(x, size):
        return F.interpolate(x, (size, size), mode='bilinear', align_corners=False)

    expected = laterals[0] + up(laterals[1] + up(laterals[2], 8), 16)
    (output,) = neck(levels)
    assert torch.allclose(output, expected, atol=1e-6)


@pytest.mark.parametrize('context, cells', [(0.0, 1), (0.1, 1), (0.2, 3), (0.5, 7)])
def test_fpn_averages_over_a_share_of_the_shorter_side(context, cells):
    plain, averaged = LateralSumFPN([3], 4), LateralSumFPN([3], 4, context=context)
    averaged.load_state_dict(plain.state_dict())
    level = torch.randn(2, 3, 14, 20)
    (maps,), (output,) = plain([level]), averaged([level])
    half = cells // 2
    for row, column in ((7, 9), (0, 0), (13, 3)):
        square = maps[
            :,
            :,
            max(0, row - half) : row + half + 1,
            max(0, column - half) : column + half + 1,
        ]
        assert torch.allclose(output[:, :, row, column], square.mean((2, 3)), atol=1e-6)


def test_fpn_names_a_context_that_is_no_share():
    with pytest.raises(ValueError, match=r'neck.context must lie in \[0, 1\], got 5'):
        LateralSumFPN([3], 4, context=5)


def test_fpn_residual_adds_to_maps_of_unit_variance():
    plain, neck = LateralSumFPN([3], 4), LateralSumFPN([3], 4, residual_channels=6)
    neck.laterals.load_state_dict(plain.laterals.state_dict())
    level = torch.randn(2, 3, 8, 8)
    (maps,), (start,) = plain([level]), neck([level])
    # At first the direction alone, which is all that the head takes, is that without.
    assert torch.allclose(start, 2 * F.normalize(maps, dim=1), atol=1e-6)
    first, _, last = neck.residual
    torch.nn.init.normal_(last.weight)
    torch.nn.init.normal_(last.bias)
    hidden = F.relu(torch.einsum('hc,ncyx->nhyx', first.weight[..., 0, 0], start)
                    + first.bias[:, None, None])  # fmt: skip
    added = torch.einsum('ch,nhyx->ncyx', last.weight[..., 0, 0], hidden)
    expected = start + added + last.bias[:, None, None]
    assert torch.allclose(neck([level])[0], expected, atol=1e-5)


def test_fpn_names_a_residual_of_negative_size():
    with pytest.raises(ValueError, match='neck.residual_channels must be >= 0, got -1'):
        LateralSumFPN([3], 4, residual_channels=-1)


def test_fpn_parameters_are_1x1_convolutions_with_bias():
    shapes = [tuple(p.shape) for p in LateralSumFPN([3, 5], 4).parameters()]
    assert shapes == [(4, 3, 1, 1), (4,), (4, 5, 1, 1), (4,)]


def test_fpn_names_a_wrong_number_of_levels():
    with pytest.raises(
        ValueError, match=r'in_channels is \[3, 5\], the backbone gives \[3\]'
    ):
        LateralSumFPN([3, 5], 4)([torch.randn(1, 3, 4, 4)])


def test_fpn_started_from_a_projection_is_that_projection():
    torch.manual_seed(0)
    neck = LateralSumFPN([3, 5, 7], out_channels=6)
    mean, projection = torch.randn(8), torch.randn(4, 8)
    neck.set_initial_projection(mean, projection)
    levels = [torch.randn(2, c, s, s) for c, s in ((3, 8), (5, 4), (7, 2))]
    second = F.interpolate(levels[1], (8, 8), mode='bilinear', align_corners=False)
    both = torch.cat([levels[0], second], 1) - mean[:, None, None]
    expected = torch.einsum('dc,nchw->ndhw', projection, both)
    (output,) = neck(levels)
    assert torch.allclose(output[:, :4], expected, atol=1e-5)
    assert not output[:, 4:].any()


def test_fpn_started_from_a_projection_has_no_residual_yet():
    neck = LateralSumFPN([3], out_channels=4, residual_channels=5)
    torch.nn.init.normal_(neck.residual[2].weight)  # as loaded, of other axes
    neck.set_initial_projection(torch.zeros(3), torch.randn(4, 3))
    level = torch.randn(2, 3, 8, 8)
    expected = 2 * F.normalize(neck.laterals[0](level), dim=1)
    assert torch.allclose(neck([level])[0], expected, atol=1e-6)


@pytest.mark.parametrize('shape', [(4, 7), (7, 8), (4, 16)])
def test_fpn_refuses_a_projection_of_other_channels(shape):
    neck = LateralSumFPN([3, 5, 7], out_channels=6)
    with pytest.raises(ValueError, match=r'projection must be .* got \('):
        neck.set_initial_projection(torch.zeros(shape[1]), torch.zeros(shape))


def test_pca_equals_sklearn_on_levels_of_equal_variance():
    torch.manual_seed(0)
    mix = torch.randn(6, 6)
    fine = torch.einsum('nchw,dc->ndhw', torch.randn(3, 6, 8, 8), mix) + 2
    coarse = 50 * torch.randn(3, 4, 8, 8)
    neck = MultiLevelPCA([6, 4], out_channels=5)
    for part in range(3):  # in batches
        neck.accumulate([fine[part : part + 1], coarse[part : part + 1]])
    neck.fit()
    points = [x.permute(0, 2, 3, 1).flatten(0, 2).double() for x in (fine, coarse)]
    scaled = [p / p.var(0, correction=0).sum().sqrt() for p in points]
    reference = PCA(5, svd_solver='full').fit_transform(torch.cat(scaled, 1).numpy())
    (output,) = neck([fine, coarse])
    output = output.permute(0, 2, 3, 1).flatten(0, 2)
    # Axes may differ in sign.
    assert torch.allclose(
        output.abs(), torch.from_numpy(reference).abs().float(), atol=1e-4
    )


def test_pca_brings_levels_to_one_grid():
    neck = MultiLevelPCA([2, 3, 4], out_channels=2, grid_level=1)
    levels = [torch.randn(1, c, s, s) for c, s in ((2, 16), (3, 8), (4, 4))]
    neck.accumulate(levels)
    neck.fit()
    assert neck(levels)[0].shape == (1, 2, 8, 8)


def test_pca_names_bad_arguments():
    with pytest.raises(ValueError, match='out_channels'):
        MultiLevelPCA([2, 3], out_channels=6)
    with pytest.raises(ValueError, match='grid_level'):
        MultiLevelPCA([2, 3], out_channels=2, grid_level=2)
    with pytest.raises(RuntimeError, match='accumulate'):
        MultiLevelPCA([2, 3], out_channels=2).fit()
