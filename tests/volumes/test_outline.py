import itertools
import math
import statistics
from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from residuum.volumes.outline import compute_outline


def slow_outline(counts, at, spacing_mm, fraction, search_mm, radius_mm):
    """The definition, pixel by pixel, and a breadth-first search over faces."""
    pixels = list(itertools.product(*(range(n) for n in counts.shape)))
    value = {pixel: float(counts[pixel]) for pixel in pixels}

    def distance(pixel, place):
        return math.sqrt(sum(((i - p) * s) ** 2 for i, p, s in zip(pixel, place, spacing_mm, strict=True)))

    def around(pixel):
        for step in itertools.product((-1, 0, 1), repeat=len(pixel)):
            other = tuple(i + d for i, d in zip(pixel, step, strict=True))
            if other in value:
                yield other, sum(map(abs, step))

    near = [pixel for pixel in pixels if distance(pixel, at) <= search_mm]
    near = near or [min(pixels, key=lambda pixel: distance(pixel, at))]
    summits = [pixel for pixel in near if all(value[pixel] >= value[other] for other, _ in around(pixel))]
    peak = min(summits or near, key=lambda pixel: (-value[pixel], distance(pixel, at)))
    background = statistics.median(
        value[pixel] for pixel in pixels if radius_mm < distance(pixel, peak) <= 1.5 * radius_mm
    )
    mask, limited = np.zeros(counts.shape, bool), False
    if value[peak] <= background:
        return mask, peak, background, True
    threshold = background + fraction * (value[peak] - background)
    waiting = deque([peak])
    mask[peak] = True
    while waiting:
        for other, faces in around(waiting.popleft()):
            if faces == 1 and value[other] >= threshold and not mask[other]:
                if distance(other, peak) > radius_mm:
                    limited = True
                else:
                    mask[other] = True
                    waiting.append(other)
    return mask, peak, threshold, limited


@pytest.mark.twin
@settings(max_examples=150)
@given(st.integers(0, 2**32 - 1), st.sampled_from([2, 3]))
def test_outlines_agree_with_a_breadth_first_search(seed, axes):
    draw = np.random.default_rng(seed)
    shape = tuple(draw.integers(6, 20 if axes == 2 else 10, axes))
    spacing_mm = tuple(draw.uniform(1, 4, axes).tolist())  # no two pixels are equally far but by symmetry
    smooth = gaussian_filter(draw.normal(size=shape), draw.uniform(0.3, 2))
    counts = draw.poisson(np.clip(20 + 40 * smooth / smooth.std(), 0, None)).astype(np.uint16)
    at = tuple(draw.uniform(-0.4, np.array(shape) - 0.6).tolist())
    limits = draw.uniform(0.1, 0.9), draw.uniform(0, 8), draw.uniform(3, 9)
    found = compute_outline(counts, at, spacing_mm, *limits)
    mask, peak, threshold, limited = slow_outline(counts, at, spacing_mm, *limits)
    assert (found.peak, found.limited) == (peak, limited)
    assert found.threshold == pytest.approx(threshold)
    np.testing.assert_array_equal(found.mask, mask)


def blurred_sphere(radius_mm, spacing_mm, centre_mm, shape, width_mm):
    """Background 10, sphere 110, blurred to a width at half maximum; every voxel is the mean of 4 x 4 x 4 points."""
    axes = [
        (np.arange(n * 4) - 1.5).reshape(n, 4) / 4 * step - at
        for n, step, at in zip(shape, spacing_mm, centre_mm, strict=True)
    ]
    z, y, x = (axis.ravel() for axis in axes)
    inside = z[:, None, None] ** 2 + y[:, None] ** 2 + x**2 <= radius_mm**2
    share = inside.reshape(shape[0], 4, shape[1], 4, shape[2], 4).mean(axis=(1, 3, 5))
    return gaussian_filter(10 + 100 * share, [width_mm / 2.3548 / step for step in spacing_mm])


@pytest.mark.property
@settings(max_examples=15)
@given(st.floats(12, 20), st.tuples(*[st.floats(1.5, 3)] * 3), st.tuples(*[st.floats(-3, 3)] * 3), st.floats(0.15, 0.3))
def test_half_the_height_recovers_a_sphere(radius_mm, spacing_mm, off_mm, blur):
    """Within 15 % of its volume while the blur (FWHM) is at most 0.3 of the radius; the peak then is the plateau."""
    shape = tuple(math.ceil(90 / step) for step in spacing_mm)
    centre_mm = tuple(45 + off for off in off_mm)
    counts = blurred_sphere(radius_mm, spacing_mm, centre_mm, shape, blur * radius_mm)
    at = tuple(centre / step for centre, step in zip(centre_mm, spacing_mm, strict=True))
    found = compute_outline(counts, at, spacing_mm, search_mm=5, radius_mm=30)
    volume = found.mask.sum() * math.prod(spacing_mm)
    assert volume == pytest.approx(4 / 3 * math.pi * radius_mm**3, rel=0.15)
    assert found.threshold == pytest.approx(60, rel=0.02)
    assert not found.limited


@pytest.mark.unit
def test_the_size_of_blurred_spheres_is_what_the_docstring_says():
    shares = []
    for radius_mm in (5.0, 10.0, 20.0):
        counts = blurred_sphere(radius_mm, (2.0, 2.0, 2.0), (64.0, 64.0, 64.0), (65, 65, 65), 10.0)
        mask = compute_outline(counts, (32, 32, 32), (2.0, 2.0, 2.0)).mask
        shares.append(mask.sum() * 8 / (4 / 3 * math.pi * radius_mm**3))
    assert shares == pytest.approx([1.4, 0.7, 0.9], abs=0.05)


@pytest.mark.unit
def test_an_outline_by_hand():
    counts = np.full((41, 41), 10)
    counts[20, 18:23] = (31, 60, 110, 60, 59)  # half of the way from 10 to 110 is 60
    counts[22, 20] = 90  # hot, but not connected
    found = compute_outline(counts, (20, 19), (2.0, 2.0), search_mm=4, radius_mm=20)
    assert (found.peak, found.threshold, found.limited) == ((20, 20), 60, False)
    assert np.argwhere(found.mask).tolist() == [[20, 19], [20, 20], [20, 21]]


@pytest.mark.unit
def test_corners_do_not_connect():
    counts = np.full((41, 41), 10)
    counts[20, 20], counts[21, 21] = 110, 100
    assert compute_outline(counts, (20, 20), (2.0, 2.0), radius_mm=20).mask.sum() == 1


@pytest.mark.unit
def test_a_mark_on_the_slope_of_an_organ_finds_the_lesion_not_the_organ():
    rows, columns = np.mgrid[0:60, 0:60].astype(float)
    organ = 900 * np.exp(-((rows - 30) ** 2 + (columns - 12) ** 2) / (2 * 8**2))
    lesion = 60 * np.exp(-((rows - 30) ** 2 + (columns - 34) ** 2) / (2 * 2**2))
    counts = 10 + organ + lesion
    assert counts[30, 29] > counts[30, 34]  # the search sees hotter pixels than the lesion's
    found = compute_outline(counts, (30, 34), (2.0, 2.0), search_mm=10, radius_mm=16)
    assert found.peak == (30, 33)  # the slope moves the lesion's summit by a pixel


@pytest.mark.unit
def test_what_cannot_be_delineated_says_so():
    wide = np.full((60, 60), 10)
    wide[:, 25:35] = 100  # goes on beyond any radius
    found = compute_outline(wide, (30, 30), (2.0, 2.0), radius_mm=20)
    assert found.limited
    assert found.mask.sum() < (wide == 100).sum()
    flat = compute_outline(np.full((60, 60), 7), (30, 30), (2.0, 2.0))
    assert (flat.limited, flat.mask.any(), flat.threshold) == (True, False, 7)
    cold = np.full((60, 60), 7)
    cold[20:40, 20:40] = 3
    assert compute_outline(cold, (30, 30), (2.0, 2.0), search_mm=5).limited


@pytest.mark.unit
def test_the_nearest_of_equal_maxima_is_the_peak():
    counts = np.zeros((30, 30))
    counts[15, 12] = counts[15, 17] = 50
    assert compute_outline(counts, (15, 15.2), (2.0, 2.0), radius_mm=15).peak == (15, 17)
    assert compute_outline(counts, (15, 13.9), (2.0, 2.0), radius_mm=15).peak == (15, 12)


@pytest.mark.unit
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"counts": np.zeros(30)}, r"counts .* \(30,\)"),
        ({"counts": np.full((30, 30), np.nan)}, "no numbers"),
        ({"at": (15, 30)}, r"at is \(15, 30\)"),
        ({"at": (15, math.nan)}, r"at is \(15, nan\)"),
        ({"at": (15, 15, 15)}, r"at is \(15, 15, 15\)"),
        ({"spacing_mm": (2.0, 0.0)}, r"spacing_mm is \(2.0, 0.0\)"),
        ({"spacing_mm": (2.0,)}, r"spacing_mm is \(2.0,\)"),
        ({"fraction": 1.0}, "fraction is 1.0"),
        ({"fraction": 50}, "fraction is 50"),
        ({"search_mm": -1}, "search_mm is -1"),
        ({"radius_mm": 0}, "radius_mm 0"),
        ({"radius_mm": 500}, "radius_mm is 500"),
    ],
)
def test_impossible_outlines_are_refused(wrong, said):
    right = {"counts": np.zeros((30, 30)), "at": (15, 15), "spacing_mm": (2.0, 2.0)}
    with pytest.raises(ValueError, match=said):
        compute_outline(**{**right, **wrong})
