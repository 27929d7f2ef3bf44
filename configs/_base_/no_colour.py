# Views without any change of colour or blur: options of PairedViews.
no_colour = dict(jitter_prob=0.0, grayscale_prob=0.0, blur_prob=0.0)
