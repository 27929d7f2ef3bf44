"""Both views to the device, normalized; test images as mmseg does it."""

from mmseg.models import SegDataPreProcessor
from mmseg.registry import MODELS

from ...errors import InputError

# Images of a training batch; what else it has (boxes, masks) passes through.
VIEWS = ('view1', 'view2', 'train_view1', 'neighbor', 'scene', 'source')


@MODELS.register_module()
class ViewsDataPreProcessor(SegDataPreProcessor):
    """mmseg's preprocessor that also takes a batch of paired views.

    A dict ``inputs`` (from ``collate_views``) holds views: uint8 (N, 3, H, W) BGR
    become float32, normalized, in the configured channel order; boxes, flips, turns
    and masks pass through. A list is a test batch and is treated as mmseg does.

    Args:
        mean: Mean of each channel in the network's channel order, 0-255.
        std: Likewise, standard deviation.
        bgr_to_rgb: Whether the network takes RGB.
        **kwargs: Further arguments of ``SegDataPreProcessor``.
    """

    def __init__(self, mean, std, bgr_to_rgb: bool = True, **kwargs) -> None:
        super().__init__(mean=mean, std=std, bgr_to_rgb=bgr_to_rgb, **kwargs)
        self.bgr_to_rgb = bgr_to_rgb
        # The host then does not wait for copies from pinned memory.
        self._non_blocking = True

    def forward(self, data: dict, training: bool = False) -> dict:
        """Casts to the device and normalizes.

        Args:
            data: Dict with ``inputs`` (dict of views, or list of images) and maybe
                ``data_samples``.
            training: Passed on for lists of images.

        Raises:
            InputError: If the images of a test batch differ in size.
        """
        if not isinstance(data['inputs'], dict):
            self._check_sizes(data)
            return super().forward(data, training)
        inputs = dict(self.cast_data(data['inputs']))
        for name in VIEWS:
            if name in inputs:
                view = inputs[name].float()
                if self.bgr_to_rgb:
                    view = view.flip(1)
                if self._enable_normalize:
                    view = (view - self.mean) / self.std
                inputs[name] = view
        return dict(inputs=inputs, data_samples=data.get('data_samples'))

    def _check_sizes(self, data: dict) -> None:
        sizes = [tuple(image.shape[-2:]) for image in data['inputs']]
        if self.test_cfg or len(set(sizes)) <= 1:
            return
        odd = next(index for index, size in enumerate(sizes) if size != sizes[0])
        names = [sample.get('img_path', '?') for sample in data['data_samples']]
        raise InputError(
            f'{names[0]} is {sizes[0]} and {names[odd]} is {sizes[odd]} (height, '
            'width) in one test batch: set val_dataloader.batch_size=1 and '
            'test_dataloader.batch_size=1 for images of different sizes'
        )
