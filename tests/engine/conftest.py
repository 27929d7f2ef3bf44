import copy

import pytest
from first_clustering import NUM_IMAGES
from mmengine.runner import Runner


class StopBeforeTraining(RuntimeError):
    pass


@pytest.fixture
def clustered(config, monkeypatch):
    """Clusters once, all images in one batch; (runner, initial network).

    Options are those of ``KMeansLabelHook``.
    """

    def cluster(batch_size=NUM_IMAGES, init_images=NUM_IMAGES, **options):
        kmeans = dict(batch_size=batch_size, init_images=init_images, **options)
        name = '_'.join(map(str, kmeans.values()))
        runner = Runner.from_cfg(config(name, default_hooks=dict(kmeans=kmeans)))
        runner.model.init_weights()
        initial = copy.deepcopy(runner.model)

        def stop(*args, **kwargs):
            raise StopBeforeTraining

        monkeypatch.setattr(runner.model, 'train_step', stop)
        with pytest.raises(StopBeforeTraining):
            runner.train()
        return runner, initial

    return cluster
