# Views without any change of color or blur: options of PairedViews.
no_color = dict(jitter_prob=0.0, grayscale_prob=0.0, blur_prob=0.0)
