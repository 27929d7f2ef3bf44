"""What row, column and color explain of where clusters are."""

import numpy as np

from mmseg_picie.report.positions import GRID, PlaceCounts

SIDE = 2 * GRID  # px: a cell has 2 x 2


def counted(pairs, num_clusters=2):
    counts = PlaceCounts(num_clusters)
    for ids, image in pairs:
        counts.add(ids, image)
    return counts


def random_cells(rng):
    """One value a cell, (SIDE, SIDE)."""
    return np.kron(rng.integers(0, 2, (GRID, GRID)), np.ones((2, 2), int))


def gray(values):
    return np.repeat(values[..., None], 3, 2).astype(np.uint8)


def test_a_cluster_that_is_the_upper_half_follows_the_row():
    rng = np.random.default_rng(0)
    ids = (np.arange(SIDE) < SIDE // 2)[:, None] * np.ones(SIDE, int)
    counts = counted((ids, gray(255 * random_cells(rng))) for _ in range(8))
    row, column, color = counts.explained()
    assert np.allclose(row, 1) and np.allclose(column, 0)
    assert color.max() < 0.05
    assert counts.follows() == ['row', 'row']


def test_a_cluster_that_is_what_is_bright_follows_nothing():
    rng = np.random.default_rng(1)
    cells = [random_cells(rng) for _ in range(40)]
    counts = counted((ids, gray(255 * ids)) for ids in cells)
    row, column, color = counts.explained()
    assert np.allclose(color, 1)
    assert max(row.max(), column.max()) < 0.05
    assert counts.follows() == ['', '']


def test_shares_are_those_of_an_analysis_of_variance():
    rng = np.random.default_rng(2)
    levels = [rng.integers(0, 4, (GRID, GRID)) for _ in range(9)]
    # Cluster 1 has 0 to 4 of the 4 pixels of a cell; more of them further right.
    columns = np.arange(GRID) // 4
    wanted = [(level + columns) // 2 + 1 for level in levels]  # 1 to 4 pixels
    images, frequencies = [], np.array(wanted) / 4
    for count in wanted:
        ids = np.zeros((GRID, 2, GRID, 2), int)
        for number, (y, x) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
            ids[:, y, :, x] = count > number
        images.append(ids.reshape(SIDE, SIDE))
    colors = [gray(np.kron(level * 80, np.ones((2, 2), int))) for level in levels]
    row, column, color = counted(zip(images, colors)).explained()
    total = frequencies.var()
    assert np.isclose(column[1], frequencies.mean((0, 1)).var() / total)
    assert np.isclose(row[1], frequencies.mean((0, 2)).var() / total)
    by_level = [frequencies[np.array(levels) == level] for level in range(4)]
    between = sum(len(f) * (f.mean() - frequencies.mean()) ** 2 for f in by_level)
    assert np.isclose(color[1], between / frequencies.size / total)


def test_images_smaller_than_the_grid_have_no_empty_cells():
    ids = np.array([[0, 1], [0, 1]])
    row, column, _ = counted([(ids, gray(ids))] * 3).explained()
    assert np.allclose(column, 1) and np.allclose(row, 0)


def test_few_images_and_a_cluster_without_pixels_are_not_judged():
    ids = (np.arange(SIDE) < 9)[:, None] * np.ones(SIDE, int)
    image = gray(random_cells(np.random.default_rng(0)))
    assert counted([(ids, image)] * 7).follows() == ['', '']
    counts = counted([(ids, image)] * 8, num_clusters=3)
    assert counts.follows() == ['row', 'row', '']
    assert np.stack(counts.explained(), 1)[2].tolist() == [0, 0, 0]
