"""What a fit leaves for a person to look at."""

from .segmenter import Segmenter


def write_results(plan, model, say):
    import time

    t = time.time()
    seg = Segmenter.load(model)
    n = 0
    for p in seg.predict([plan.images / n for n in plan.names]):
        n += 1
    say(f'  predicted {n} in {time.time() - t:.1f}')
