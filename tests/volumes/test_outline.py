import itertools
import math
import statistics
from collections import deque

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

import scan_objects
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
    shell = [value[pixel] for pixel in pixels if radius_mm < distance(pixel, peak) <= 1.5 * radius_mm]
    mask = np.zeros(counts.shape, bool)
    if not shell:
        return mask, peak, value[peak], "no_background"
    background = statistics.median(shell)
    threshold = background + fraction * (value[peak] - background)
    deviation = statistics.median(abs(one - background) for one in shell)
    if value[peak] - background <= 5 * max(1, math.sqrt(background), 1.4826 * deviation):
        return mask, peak, threshold, "faint"

    everything = reached(peak, around, {pixel for pixel in pixels if value[pixel] >= threshold})
    lesion = reached(peak, around, {pixel for pixel in everything if distance(pixel, peak) <= radius_mm})
    for pixel in lesion:
        mask[pixel] = True
    fault = slow_fault(value, lesion, everything, peak, distance, counts.shape, max(10, *spacing_mm))
    marked = tuple(min(max(round(i), 0), n - 1) for i, n in zip(at, counts.shape, strict=True))
    return mask, peak, threshold, fault or ("off_mark" if marked not in lesion else None)


def reached(peak, around, allowed):
    """What is connected by faces."""
    waiting, found = deque([peak]), {peak}
    while waiting:
        for other, faces in around(waiting.popleft()):
            if faces == 1 and other in allowed and other not in found:
                found.add(other)
                waiting.append(other)
    return found


def slow_fault(value, lesion, everything, peak, distance, shape, rim_mm):
    near = (min(distance(pixel, other) for other in lesion) <= rim_mm for pixel in value)
    beside = statistics.median(
        value[pixel] for pixel, close in zip(value, near, strict=True) if close and pixel not in lesion
    )
    wrong = {
        "hotter": max(value[pixel] for pixel in everything) > value[peak] + 2 * math.sqrt(max(value[peak], 1)),
        "wide": lesion != everything,
        "border": any(i in (0, n - 1) for pixel in lesion for i, n in zip(pixel, shape, strict=True)),
        "faint": value[peak] - beside <= 5 * math.sqrt(max(beside, 1)),
        "small": len(lesion) < (3 if len(shape) == 2 else 4),
    }
    return next((fault for fault, holds in wrong.items() if holds), None)


def spots(seed, axes):
    """Return noise with a few hot spots, spacing in mm, and a mark near the first spot."""
    draw = np.random.default_rng(seed)
    shape = tuple(draw.integers(8, 24 if axes == 2 else 12, axes))
    spacing_mm = tuple(draw.uniform(1, 5, axes).tolist())  # no two pixels are equally far but by symmetry
    places = np.stack(np.meshgrid(*map(np.arange, shape), indexing="ij"), axis=-1) * spacing_mm
    level = np.full(shape, draw.choice([0.2, 2, 20]))
    centres = draw.uniform(0.1, 0.9, (draw.integers(1, 4), axes)) * (np.array(shape) - 1)
    for centre in centres:
        away = np.linalg.norm(places - centre * spacing_mm, axis=-1)
        level += draw.choice([20, 60, 200, 600]) * np.exp(-((away / draw.uniform(2, 5)) ** 2) / 2)
    at = np.clip(centres[0] + draw.normal(0, 1, axes), -0.4, np.array(shape) - 0.6)
    return draw.poisson(level).astype(np.uint16), spacing_mm, tuple(at.tolist())


@pytest.mark.twin
@settings(max_examples=150)
@given(st.integers(0, 2**32 - 1), st.sampled_from([2, 3]), st.floats(0.1, 0.9), st.floats(0, 8), st.floats(3, 14))
def test_outlines_agree_with_a_breadth_first_search(seed, axes, fraction, search_mm, radius_mm):
    limits = fraction, search_mm, radius_mm
    counts, spacing_mm, at = spots(seed, axes)
    found = compute_outline(counts, at, spacing_mm, *limits)
    mask, peak, threshold, fault = slow_outline(counts, at, spacing_mm, *limits)
    assert (found.peak, found.fault) == (peak, fault)
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
    assert found.fault is None


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
    assert (found.peak, found.threshold, found.fault) == ((20, 20), 60, None)
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


def hot_spots(*spots, shape=(120, 120), level=10.0, width_mm=5.0):
    """Return counts on 2.4 mm pixels with the noise of counts: spots (row, column, height) on a level."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    for row, column, height in spots:
        away_mm = np.hypot(rows - row, columns - column) * 2.4
        level = level + height * np.exp(-((away_mm / width_mm) ** 2) / 2)
    return np.random.default_rng(1).poisson(np.broadcast_to(level, shape)).astype(np.uint16)


def fault_at(counts, at, **said):
    return compute_outline(counts, at, (2.4,) * counts.ndim, **{"radius_mm": 40.0, **said}).fault


@pytest.mark.unit
def test_a_lesion_that_stands_out_has_no_fault():
    assert fault_at(hot_spots((60, 50, 300)), (60, 50)) is None


@pytest.mark.unit
@pytest.mark.parametrize("apart", [6, 7, 8])
def test_the_flank_of_a_hotter_neighbour_is_no_lesion(apart):
    """14 to 19 mm beside a source that is ten times as hot; its summit lies beyond the search."""
    counts = hot_spots((60, 50, 300), (60, 50 + apart, 3000), width_mm=7.0)
    found = compute_outline(counts, (60, 50), (2.4, 2.4), radius_mm=40.0)
    assert found.fault == "hotter"
    assert fault_at(counts, (60, 50 + apart)) is None


@pytest.mark.unit
def test_a_hotter_neighbour_counts_beyond_the_radius():
    counts = np.full((60, 120), 10)
    counts[30, 20:100] = 300  # an arm that leads to the source
    counts[28:33, 96:101] = 3000
    assert fault_at(counts, (30, 21), radius_mm=30.0) == "hotter"
    counts[30, 90] = 10
    assert fault_at(counts, (30, 21), radius_mm=30.0) == "wide"


@pytest.mark.unit
def test_the_noise_of_a_flat_lesion_is_not_a_hotter_neighbour():
    """Summits of a lesion as wide as 38 mm lie beyond the search; every one of 40 draws has its outline."""
    for seed in range(40):
        assert fault_at(scan_objects.body(seed=seed), (300, 50)) is None, seed


@pytest.mark.unit
def test_a_neighbour_that_takes_the_peak_does_not_take_the_mark():
    """The summit of the hotter source lies within the search, and its outline ends before the mark."""
    counts = hot_spots((60, 54, 3000), width_mm=3.0)
    found = compute_outline(counts, (60, 50), (2.4, 2.4), radius_mm=40.0)
    assert (found.peak, found.fault) == ((60, 54), "off_mark")
    assert not found.mask[60, 50]


@pytest.mark.unit
def test_what_goes_on_is_no_lesion():
    wide = np.full((60, 60), 10)
    wide[5:55, 25:35] = 100
    found = compute_outline(wide, (30, 30), (2.0, 2.0), radius_mm=20)
    assert found.fault == "wide"
    assert found.mask.sum() < (wide == 100).sum()


@pytest.mark.unit
@pytest.mark.parametrize("lesion", [(0, 20), (39, 20), (20, 0), (20, 39)])
def test_a_lesion_cut_by_the_border_has_a_fault(lesion):
    counts = hot_spots((*lesion, 300), shape=(40, 40))
    assert fault_at(counts, lesion) == "border"
    assert fault_at(np.pad(counts, 10, mode="reflect"), (lesion[0] + 10, lesion[1] + 10)) is None


@pytest.mark.unit
@pytest.mark.parametrize("first", [0, 9])
def test_a_lesion_cut_by_the_first_or_last_slice_has_a_fault(first):
    counts = np.full((12, 40, 40), 10)
    counts[first : first + 3, 18:22, 18:22] = 200
    assert fault_at(counts, (first + 1, 20, 20)) == "border"
    assert fault_at(np.pad(counts, ((1, 1), (0, 0), (0, 0)), constant_values=10), (first + 2, 20, 20)) is None


@pytest.mark.unit
@pytest.mark.parametrize("level", [0.1, 1.0, 5.0, 50.0])
def test_noise_has_no_outline(level):
    for seed in range(25):
        noise = np.random.default_rng(seed).poisson(level, (120, 120))
        assert fault_at(noise, (60, 60)) == "faint", seed


@pytest.mark.unit
def test_the_contrast_that_is_wanted():
    """Five roots of the background, five deviations of the shell, five counts where there is no background."""
    for counts, height in ((np.full((60, 60), 100), 50), (np.zeros((60, 60), int), 5)):
        for more, fault in ((0, "faint"), (1, None)):
            spot = counts.copy()
            spot[29:32, 29:32] += height + more
            assert fault_at(spot, (30, 30)) == fault
    uneven = 80 + 20 * (np.indices((60, 60)).sum(axis=0) % 3)  # a median of 100 and a deviation of 20
    for height, fault in ((240, "faint"), (260, None)):
        uneven[29:32, 29:32] = height
        assert fault_at(uneven, (30, 30)) == fault


@pytest.mark.unit
def test_soft_tissue_beside_air_is_no_lesion():
    """More than half of the shell is air, so its median is 0; what lies close by says that nothing stands out."""
    for seed in range(25):
        level = np.zeros((120, 120))
        level[:, 48:72] = 9
        counts = np.random.default_rng(seed).poisson(level)
        assert fault_at(counts, (60, 60)) is not None, seed
    counts[59:62, 59:62] += 40
    assert fault_at(counts, (60, 60)) is None


@pytest.mark.unit
@pytest.mark.parametrize(("axes", "enough"), [(2, 3), (3, 4)])
def test_a_few_pixels_are_chance(axes, enough):
    counts = np.full((40,) * axes, 10)
    middle = (20,) * (axes - 1)
    counts[(*middle, slice(20, 20 + enough - 1))] = 200
    assert fault_at(counts, (20,) * axes) == "small"
    counts[(*middle, 20 + enough - 1)] = 200
    assert fault_at(counts, (20,) * axes) is None


@pytest.mark.unit
def test_without_a_background_there_is_no_outline():
    found = compute_outline(np.full((10, 10), 7), (5, 5), (2.0, 2.0))
    assert (found.fault, found.mask.any()) == ("no_background", False)
    flat = compute_outline(np.full((60, 60), 7), (30, 30), (2.0, 2.0))
    assert (flat.fault, flat.mask.any(), flat.threshold) == ("faint", False, 7)


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
    ],
)
def test_impossible_outlines_are_refused(wrong, said):
    right = {"counts": np.zeros((30, 30)), "at": (15, 15), "spacing_mm": (2.0, 2.0)}
    with pytest.raises(ValueError, match=said):
        compute_outline(**{**right, **wrong})
