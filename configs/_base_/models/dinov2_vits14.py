# DINOv2's ViT-S/14, frozen, for ResNet-18: model = dict(**_base_.dinov2_vits14).
# Its weights are the authors' dinov2_vits14_pretrain.pth, converted:
# mmseg-picie convert dinov2 FILE --out weights/dinov2_vits14.pth
# or the hub's: model.backbone.init_cfg.checkpoint=transformers://facebook/dinov2-small
dinov2_vits14 = dict(
    backbone=dict(
        _delete_=True,
        type='TransformersBackbone',
        model=dict(
            model_type='dinov2',
            hidden_size=384,
            num_hidden_layers=12,
            num_attention_heads=6,
            mlp_ratio=4,
            patch_size=14,
            image_size=518,
            layer_norm_eps=1e-6,
            use_mask_token=False,
        ),
        position_offset=0.1,  # as in the authors' code
        init_cfg=dict(type='Pretrained', checkpoint='weights/dinov2_vits14.pth'),
    ),
    neck=dict(in_channels='auto'),
)
