# DINO's ViT-S/8, frozen, for ResNet-18: model = dict(**_base_.dino_vits8).
# Its weights are the authors' dino_deitsmall8_300ep_pretrain.pth, converted:
# mmseg-picie convert dino FILE --out weights/dino_vits8.pth
# or the hub's: model.backbone.init_cfg.checkpoint=transformers://facebook/dino-vits8
dino_vits8 = dict(
    backbone=dict(
        _delete_=True,
        type='TransformersBackbone',
        model=dict(
            model_type='vit',
            hidden_size=384,
            num_hidden_layers=12,
            num_attention_heads=6,
            intermediate_size=1536,
            patch_size=8,
            image_size=224,
            layer_norm_eps=1e-6,
        ),
        position_offset=0.1,  # as in the authors' code
        init_cfg=dict(type='Pretrained', checkpoint='weights/dino_vits8.pth'),
    ),
    neck=dict(in_channels='auto'),
)
