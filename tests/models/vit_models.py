"""Small ViTs of each kind, as configs of TransformersBackbone's model."""

SMALL = dict(hidden_size=32, num_hidden_layers=3, num_attention_heads=2)
VITS = dict(
    vit=dict(
        model_type='vit', **SMALL, intermediate_size=64, patch_size=8, image_size=32
    ),
    dinov2=dict(
        model_type='dinov2', **SMALL, mlp_ratio=2, patch_size=14, image_size=56
    ),
    dinov2_with_registers=dict(
        model_type='dinov2_with_registers',
        **SMALL,
        mlp_ratio=2,
        patch_size=14,
        image_size=56,
        num_register_tokens=3,
    ),
    dinov3_vit=dict(
        model_type='dinov3_vit',
        **SMALL,
        intermediate_size=64,
        patch_size=16,
        num_register_tokens=4,
    ),
)
# Tokens before the patches.
PREFIX = dict(vit=1, dinov2=1, dinov2_with_registers=4, dinov3_vit=5)
