"""Runs that are refused or warned of, and their nearest allowed ones."""

import pytest
from mmengine.runner import Runner
from small_run import run


def test_iteration_based_loop_is_refused(config):
    cfg = config()
    cfg.train_cfg = dict(type='IterBasedTrainLoop', max_iters=3)
    with pytest.raises(ValueError, match='EpochBasedTrainLoop.*IterBasedTrainLoop'):
        run(cfg)


def test_more_clusters_than_sampled_pixels_is_refused(config):
    hooks = [dict(type='KMeansLabelHook', init_points=3)]
    cfg = config(custom_hooks=hooks)
    cfg.model.decode_head.num_clusters = 50
    with pytest.raises(ValueError, match='num_clusters is 50 .* holds only 7 pixels'):
        run(cfg)


def test_accumulation_across_rounds_is_refused(config):
    cfg = config()
    cfg.optim_wrapper.accumulative_counts = 2  # of 3 steps
    with pytest.raises(ValueError, match='accumulative_counts=2 does not divide the 3'):
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
    with pytest.raises(ValueError, match=words):
        run(cfg)


def test_rate_that_falls_to_zero_in_the_last_round_trains(config):
    cfg = config(rounds=2)
    cfg.param_scheduler = [
        dict(type='CosineAnnealingLR', end=2, convert_to_iter_based=True)
    ]
    assert (
        run(cfg).optim_wrapper.get_lr()['lr'][0] < 0.1 * cfg.optim_wrapper.optimizer.lr
    )


def test_best_checkpoint_by_scores_that_nothing_computes_is_refused(config):
    best = dict(checkpoint=dict(save_best='label_free/view_agreement', rule='greater'))
    with pytest.raises(ValueError, match="save_best is 'label_free/view_agreement'"):
        run(config(default_hooks=best))
    hooks = [
        dict(type='KMeansLabelHook', batch_size=2),
        dict(type='LabelFreeScoresHook', num_images=4, points_per_image=30),
    ]
    run(config(default_hooks=best, custom_hooks=hooks))


@pytest.mark.parametrize('norm_eval, calibrates', [(1, 0), (1, 1), (0, 0)])
def test_kept_statistics_of_random_weights_are_warned_of(
    config, tmp_path, norm_eval, calibrates
):
    cfg = config(log_level='WARNING')
    cfg.model.backbone.norm_eval = bool(norm_eval)
    cfg.custom_hooks[0].calibrate_batch_norm = bool(calibrates)
    run(cfg)
    (log,) = (tmp_path / 'run').glob('*/*.log')
    warned = 'norm_eval=True keeps the BatchNorm statistics' in log.read_text()
    assert warned == (norm_eval and not calibrates)


@pytest.mark.parametrize(
    'hook, allowed',
    [
        (dict(), False),
        (dict(warm_start=True, eval_centroids='view1'), False),
        (dict(warm_start=True), True),
        (dict(centroid_sets='shared'), True),
    ],
)
def test_agreement_of_ids_that_mean_different_things_is_refused(config, hook, allowed):
    hooks = [dict(type='KMeansLabelHook', batch_size=2, init_images=4, **hook)]
    cfg = config(custom_hooks=hooks, model=dict(label_agreement=True))
    if allowed:
        run(cfg)
        return
    with pytest.raises(ValueError, match='label_agreement compares the ids'):
        run(cfg)


def test_view1_centroids_need_a_round(config):
    hooks = [dict(type='KMeansLabelHook', eval_centroids='view1')]
    cfg = config(custom_hooks=hooks)
    cfg.train_cfg = dict(type='ClusterOnlyLoop')
    with pytest.raises(ValueError, match="eval_centroids='view1' needs a round"):
        run(cfg)


def test_training_to_predict_classes_is_refused(config):
    cfg = config(model=dict(predict_as='classes'))
    with pytest.raises(ValueError, match="train with predict_as='clusters'"):
        run(cfg)


def test_drop_last_that_leaves_no_step_is_refused(config):
    cfg = config(batch_size=8)
    cfg.train_dataloader.batch_sampler.drop_last = True
    with pytest.raises(ValueError, match='drop_last=True leaves no step: 7 images'):
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
    with pytest.raises(ValueError, match='not of the model in the config'):
        runner.train() if mode == 'resume' else runner.test()


@pytest.mark.parametrize(
    'option',
    [dict(init_imges=3), dict(eval_centroids='last'), dict(starts=0)]
    + [dict(interval=0), dict(image_share=0), dict(pixel_share=1.5)],
)
def test_unknown_hook_option_is_refused(config, option):
    hooks = [dict(type='KMeansLabelHook', **option)]
    with pytest.raises(ValueError, match=next(iter(option))):
        Runner.from_cfg(config(custom_hooks=hooks))
