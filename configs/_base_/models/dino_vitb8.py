# DINO's ViT-B/8, frozen, for ResNet-18: model = dict(**_base_.dino_vitb8).
# Its weights are the authors' dino_vitbase8_pretrain.pth, converted:
# mmseg-picie convert dino FILE --out weights/dino_vitb8.pth
# or the hub's: model.backbone.init_cfg.checkpoint=transformers://facebook/dino-vitb8
dino_vitb8 = dict(
    backbone=dict(
        _delete_=True,
        type='TransformersBackbone',
        model=dict(
            model_type='vit',
            hidden_size=768,
            num_hidden_layers=12,
            num_attention_heads=12,
            intermediate_size=3072,
            patch_size=8,
            image_size=224,
            layer_norm_eps=1e-6,
        ),
        init_cfg=dict(type='Pretrained', checkpoint='weights/dino_vitb8.pth'),
    ),
    neck=dict(in_channels='auto'),
)
