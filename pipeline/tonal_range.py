"""Half of the tonal range of a page's print, by which a local threshold is measured."""

from __future__ import annotations

from typing import Final

from pipeline.percentiles import Floats, percentile

_LEAST: Final = 20.0  # grain of empty paper has a deviation of up to 10
_MOST: Final = 128.0
_SEEN: Final = 6.0  # deviation of windows that show something, at least
_GRAIN: Final = 15.0  # percentile of the windows: paper, also where print is dense
_OVER_GRAIN: Final = 2.5  # times the deviation of paper have windows that show something
_MOST_SEEN: Final = 0.7  # of all windows; grain is in nearly all of them
_FAR_DARKER: Final = 1.5  # times the deviation of most print is what is no print
_PALE: Final = 1.25  # times that deviation; it is 1.1 to 1.4 times on pages of even print


def tonal_range(deviation: Floats) -> float:
    """R of the threshold of Sauvola and Pietikäinen.

    It is half the range of a page with black ink; faint pages get a smaller one, else the threshold
    would sink below their ink (Wolf and Jolion 2004). Where most print is pale, a stamp or a
    numeral that is far darker doesn't count.

    Args:
        deviation: of the tones in windows all over the page, gray levels; not empty.
    """
    largest = min(max(percentile(deviation, 99.5), _LEAST), _MOST)
    grain = percentile(deviation, _GRAIN)
    seen = deviation[deviation >= max(_SEEN, _OVER_GRAIN * grain)]
    if not 0 < seen.size <= _MOST_SEEN * deviation.size:
        return largest
    usual = percentile(seen, 75.0)
    if usual > _LEAST or largest < _FAR_DARKER * usual:
        return largest
    return max(_PALE * usual, _LEAST)
