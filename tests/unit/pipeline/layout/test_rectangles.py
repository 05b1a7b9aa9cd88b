"""A place is cut into rectangles only where a corner beside it has room for text."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.layout.rectangles import rectangles_of

ROOM = (30, 15)


@pytest.mark.parametrize("turns", range(4))
def test_a_place_of_two_rectangles_is_cut_whichever_way_it_lies(turns: int) -> None:
    place = np.zeros((100, 140), np.bool_)
    place[:60] = place[60:, 50:90] = True

    found = rectangles_of(np.rot90(place, turns), ROOM if turns % 2 == 0 else ROOM[::-1])

    assert sorted(width * height for _, _, width, height in found) == [40 * 40, 60 * 140]


@pytest.mark.parametrize("shape", ["disc", "crooked", "frame", "speck in a corner"])
def test_other_places_are_whole(shape: str) -> None:
    place = np.zeros((120, 120), np.uint8)
    if shape == "disc":
        cv2.circle(place, (60, 60), 59, 1, cv2.FILLED)
    elif shape == "crooked":
        cv2.fillPoly(place, [np.array([(8, 0), (119, 6), (112, 119), (0, 112)], np.int32)], 1)
    elif shape == "frame":
        place[:] = 1
        place[20:100, 20:100] = 0
    else:
        place[10:, 10:] = 1
    assert len(rectangles_of(place > 0, ROOM)) == 1


def test_pictures_in_three_corners_are_three() -> None:
    place = np.zeros((90, 90), np.bool_)
    place[:30, :30] = place[30:60, 30:60] = place[60:, 60:] = True

    assert sorted(rectangles_of(place, ROOM)) == [
        (0, 0, 30, 30),
        (30, 30, 30, 30),
        (60, 60, 30, 30),
    ]
