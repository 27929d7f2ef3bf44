# IIC on PiCIE's network (PiCIE, table 1: 'IIC - res12'): one head, PiCIE's views, unit
# vectors.
_base_ = './picie_fpn_r18.py'
model = dict(
    type='IIC',
    decode_head=dict(
        _delete_=True,
        type='SoftmaxHead',
        in_channels=128,
        num_clusters=27,
        # Scores of unit vectors differ by little: divided by 1 all clusters would be
        # nearly as likely, and the first steps would learn nothing.
        temperature=0.1,
        # Cells of the map, four pixels each: with upsample=True and displacement=10, as
        # in IIC's own network, a step costs hundreds of times as much.
        loss=dict(type='MutualInformationLoss', displacement=2),
    ),
    upsample=False,
)
