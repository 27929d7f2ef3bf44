"""ResNet-50s that were trained without labels, by the authors' names, for mmseg."""

from mmseg.registry import MODELS
from torch import Tensor

from ..errors import InputError
from .foreign_files import check_names, strip_module

# What is before the names of the ResNet, behind `module.`. MoCo's other encoder is an
# average that the authors do not evaluate; DINO's teacher is what they do.
PREFIXES = dict(
    moco=('encoder_q.', 'base_encoder.'),
    simclr=('convnet.', 'backbone.', 'encoder.', ''),
    swav=('',),
    dino=('backbone.', ''),
)
LAST = 'layer4.2.conv3.weight'
PARTS = ('conv1', 'bn1', 'layer1', 'layer2', 'layer3', 'layer4')
COUNTER = 'num_batches_tracked'  # of BatchNorm, which old files lack
CLASSIFIER, CLASSES = 'fc.weight', 1000
RESNET = dict(type='ResNet', depth=50)


def convert_resnet(
    state: dict[str, Tensor], method: str, source: str = 'the file'
) -> tuple[dict[str, Tensor], bool]:
    """A ResNet-50 by the names of mmseg's ``ResNet``, which are torchvision's.

    Projection heads, prototypes, queues and other encoders are left out.

    Args:
        state: As the file holds it, such as ``module.encoder_q.conv1.weight`` of MoCo.
        method: 'moco' (v1, v2 and v3), 'simclr' (releases for PyTorch), 'swav' or
            'dino'.
        source: The file, for messages.

    Returns:
        The weights, and whether the file has a classifier of the 1000 classes of
        ImageNet: then one cannot see whether labels trained what is below it.

    Raises:
        InputError: If it has no such network.
    """
    state = strip_module(state)
    for prefix in PREFIXES[method]:
        if prefix + LAST in state:
            break
    else:
        named = ' or '.join(f'{prefix}{LAST}' for prefix in PREFIXES[method])
        raise InputError(
            f'{source} is no ResNet-50 by the names of {method}: it has no {named}; '
            f'its names begin with {", ".join(list(state)[:3]) or "nothing"}'
        )
    inner = {k[len(prefix) :]: v for k, v in state.items() if k.startswith(prefix)}
    weights = {k: v.float() for k, v in inner.items() if k.partition('.')[0] in PARTS}
    weights = {k: v.clone() for k, v in weights.items() if not k.endswith(COUNTER)}
    expected = MODELS.build(dict(RESNET)).state_dict()
    expected = {k: v for k, v in expected.items() if not k.endswith(COUNTER)}
    check_names(source, expected, weights, f'a ResNet-50 of {method}')
    classifier = inner.get(CLASSIFIER)
    return weights, classifier is not None and len(classifier) == CLASSES
