"""Runs that are refused or warned of, and their nearest allowed ones."""

import pytest
from mmengine.runner import Runner
from small_run import CHANNELS, run
from torch import nn

from mmseg_picie.engine.rounds.run_checks import check_run
from mmseg_picie.errors import InputError


def test_iteration_based_loop_is_refused(config):
    cfg = config()
    cfg.train_cfg = dict(type='IterBasedTrainLoop', max_iters=3)
    with pytest.raises(InputError, match='EpochBasedTrainLoop.*IterBasedTrainLoop'):
        run(cfg)


def test_model_without_rounds_is_refused(config):
    cfg = config()
    cfg.model.type = 'EncoderDecoder'
    cfg.model.neck = None
    cfg.model.decode_head = dict(
        type='FCNHead', in_channels=CHANNELS[-1], channels=8, num_classes=2
    )
    with pytest.raises(InputError, match='such as model.type=PiCIE, got EncoderDecod'):
        run(cfg)


def test_another_order_of_the_images_in_each_process_is_refused(config):
    with pytest.raises(InputError, match='diff_rank_seed must be False'):
        run(config(randomness=dict(diff_rank_seed=True)))


@pytest.mark.parametrize(
    'norm, drop_last, processes, refused',
    [
        ('SyncBN', False, 2, True),  # 3 + 3 images, then 1
        ('SyncBN', True, 2, False),
        ('SyncBN', False, 1, False),
        ('BN', False, 2, False),
    ],
)
def test_step_that_leaves_a_process_out_of_sync_bn_is_refused(
    config, monkeypatch, norm, drop_last, processes, refused
):
    cfg = config()
    cfg.train_dataloader.batch_sampler.drop_last = drop_last
    runner = Runner.from_cfg(cfg)
    if norm == 'SyncBN':
        runner.model = nn.SyncBatchNorm.convert_sync_batchnorm(runner.model)
    module = 'mmseg_picie.engine.rounds.run_checks.get_world_size'
    monkeypatch.setattr(module, lambda: processes)
    if not refused:
        check_run(runner)
        return
    with pytest.raises(InputError, match='has 1 images for 2 processes, and SyncBN'):
        check_run(runner)


def test_more_clusters_than_sampled_pixels_is_refused(config):
    hooks = dict(kmeans=dict(init_points=3, init_images=7))
    cfg = config(default_hooks=hooks)
    cfg.model.decode_head.num_clusters = 50
    with pytest.raises(InputError, match='num_clusters is 50 .* holds only 7 pixels'):
        run(cfg)


def test_accumulation_across_rounds_is_refused(config):
    cfg = config()
    cfg.optim_wrapper.accumulative_counts = 2  # of 3 steps
    with pytest.raises(InputError, match='accumulative_counts=2 does not divide the 3'):
        run(cfg)


@pytest.mark.parametrize('by_iteration', [False, True])
def test_rate_that_is_zero_before_the_last_round_is_refused(config, by_iteration):
    cfg = config(rounds=3)
    cfg.param_scheduler = [
        dict(type='LinearLR', start_factor=0.1, end=1),
        dict(
            type='CosineAnnealingLR', begin=1, end=2, convert_to_iter_based=by_iteration
        ),
    ]
    words = r'param_scheduler\.1 .*CosineAnnealingLR.* set param_scheduler\.1\.end=3'
    with pytest.raises(InputError, match=words):
        run(cfg)


def test_rate_that_falls_to_zero_in_the_last_round_trains(config):
    cfg = config(rounds=2)
    cfg.param_scheduler = [
        dict(type='CosineAnnealingLR', end=2, convert_to_iter_based=True)
    ]
    assert (
        run(cfg).optim_wrapper.get_lr()['lr'][0] < 0.1 * cfg.optim_wrapper.optimizer.lr
    )


def test_rate_that_is_zero_between_two_schedules_is_not_refused(config):
    cfg = config(rounds=3)
    cfg.param_scheduler = [
        dict(type='CosineAnnealingLR', end=1),
        dict(type='CosineAnnealingLR', begin=1, end=3),
    ]
    run(cfg)


def test_best_checkpoint_by_scores_that_nothing_computes_is_refused(config):
    best = dict(checkpoint=dict(save_best='label_free/view_agreement', rule='greater'))
    with pytest.raises(InputError, match="save_best is 'label_free/view_agreement'"):
        run(config(default_hooks=best))
    scores = dict(type='LabelFreeScoresHook', num_images=4, points_per_image=30)
    run(config(default_hooks=dict(best, label_free=scores)))


@pytest.mark.parametrize('name', ['label_free/view_agreement', 'mIoU'])
@pytest.mark.parametrize('begin', [None, 3])
def test_best_checkpoint_of_a_run_that_never_validates_is_refused(config, name, begin):
    cfg = config(
        rounds=2, default_hooks=dict(checkpoint=dict(save_best=name, rule='greater'))
    )
    cfg.default_hooks.label_free = dict(type='LabelFreeScoresHook', num_images=4)
    if begin is None:
        cfg.val_dataloader = cfg.val_evaluator = cfg.val_cfg = None
    else:
        cfg.train_cfg.val_begin = begin
    with pytest.raises(InputError, match=f"save_best is '{name}', and no round ends"):
        run(cfg)


@pytest.mark.parametrize('norm_eval, calibrates', [(1, 0), (1, 1), (0, 0)])
def test_kept_statistics_of_random_weights_are_warned_of(
    config, tmp_path, norm_eval, calibrates
):
    cfg = config(log_level='WARNING')
    cfg.model.backbone.norm_eval = bool(norm_eval)
    if calibrates:
        cfg.default_hooks.calibrate = dict(type='CalibrateBatchNormHook')
    run(cfg)
    (log,) = (tmp_path / 'run').glob('*/*.log')
    warned = 'norm_eval=True keeps the BatchNorm statistics' in log.read_text()
    assert warned == (norm_eval and not calibrates)


@pytest.mark.parametrize(
    'kmeans, centroids, allowed',
    [
        (dict(), 'refit', False),
        (dict(warm_start=True), 'view1', False),
        (dict(warm_start=True), 'refit', True),
        (dict(centroid_sets='shared'), 'refit', True),
        (dict(centroid_sets='shared'), 'view1', True),
    ],
)
def test_agreement_of_ids_that_mean_different_things_is_refused(
    config, kmeans, centroids, allowed
):
    hooks = dict(kmeans=kmeans, refit=dict(eval_centroids=centroids))
    cfg = config(default_hooks=hooks, model=dict(label_agreement=True))
    if allowed:
        run(cfg)
        return
    with pytest.raises(InputError, match='label_agreement compares the ids'):
        run(cfg)


def test_view1_centroids_need_a_round(config):
    cfg = config(default_hooks=dict(refit=dict(eval_centroids='view1')))
    cfg.train_cfg = dict(type='ClusterOnlyLoop')
    with pytest.raises(InputError, match="eval_centroids='view1' needs a round"):
        run(cfg)


def test_training_to_predict_classes_is_refused(config):
    cfg = config(model=dict(predict_as='classes'))
    with pytest.raises(InputError, match="train with predict_as='clusters'"):
        run(cfg)


def test_drop_last_that_leaves_no_step_is_refused(config):
    cfg = config(batch_size=8)
    cfg.train_dataloader.batch_sampler.drop_last = True
    with pytest.raises(InputError, match='drop_last=True leaves no step: 7 images'):
        run(cfg)


@pytest.mark.parametrize('mode', ['resume', 'test'])
@pytest.mark.parametrize('part', ['clusters', 'backbone'])
def test_checkpoint_of_another_model_is_refused(config, tmp_path, mode, part):
    run(config('first'))
    cfg = config('second', load_from=str(tmp_path / 'first' / 'epoch_1.pth'))
    if part == 'clusters':
        cfg.model.decode_head.num_clusters = 9
    else:
        cfg.model.backbone.depth = 34
    cfg.resume = mode == 'resume'
    runner = Runner.from_cfg(cfg)
    with pytest.raises(InputError, match='not of the model in the config'):
        runner.train() if mode == 'resume' else runner.test()


@pytest.mark.parametrize(
    'hook, option, words',
    [
        (
            'kmeans',
            dict(init_imges=3),
            r'has no init_imges \(did you mean init_images\?\); .*images',
        ),
        (
            'kmeans',
            dict(num_inits=0),
            r'KMeansLabelHook\.num_inits must be >= 1',
        ),
        ('kmeans', dict(init_images=0), r'KMeansLabelHook\.init_images must be >= 1'),
        ('kmeans', dict(init_points=0), r'KMeansLabelHook\.init_points must be >= 1'),
        ('kmeans', dict(interval=0), r'KMeansLabelHook\.interval must be >= 1, got 0'),
        ('kmeans', dict(batch_size=0), r'KMeansLabelHook\.batch_size must be >= 1'),
        ('kmeans', dict(image_share=0), r'KMeansLabelHook\.image_share .*\(0, 1\]'),
        ('kmeans', dict(pixel_share=1.5), r'KMeansLabelHook\.pixel_share .* got 1\.5'),
        ('refit', dict(batch_size=0), r'RefitHook\.batch_size must be >= 1, got 0'),
    ],
)
def test_option_that_is_unknown_or_out_of_range_is_refused(config, hook, option, words):
    with pytest.raises(InputError, match=words):
        Runner.from_cfg(config(default_hooks={hook: option}))
