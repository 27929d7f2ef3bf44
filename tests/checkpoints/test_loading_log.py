"""What a runner loads is said in its log and not printed."""

import torch
from mmengine.logging import MMLogger
from mmengine.runner import CheckpointLoader

from mmseg_picie.checkpoints import log_loading
from mmseg_picie.engine import quiet_console


def test_a_path_without_a_logger_goes_to_the_log(tmp_path, capsys):
    torch.save({'w': torch.ones(1)}, tmp_path / 'a.pth')
    log = tmp_path / 'run.log'
    logger = MMLogger.get_instance('loading', log_file=str(log))
    quiet_console(logger)
    log_loading()  # a second time
    for given in (None, 'silent'):
        loaded = CheckpointLoader.load_checkpoint(str(tmp_path / 'a.pth'), logger=given)
        assert loaded['w'].tolist() == [1.0]
    assert capsys.readouterr().out == ''
    assert log.read_text().count(f'from path: {tmp_path / "a.pth"}') == 1
