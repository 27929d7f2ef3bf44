"""What figures were measured on, in words."""


def full_protocol(stated: str, dataset_meta: dict | None) -> str:
    """A protocol as a config states it, and what the network saw of the images.

    Args:
        stated: Images, and what they were trained on.
        dataset_meta: Of the data set; its ``network_input`` follows from the pipeline.
    """
    seen = (dataset_meta or {}).get('network_input')
    return f'{stated}, {seen}' if seen else stated
