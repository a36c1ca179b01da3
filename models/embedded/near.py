"""What the embedded world has that comes nearest to a word it does not know."""

from __future__ import annotations

import difflib
from collections.abc import Collection

HINTS: dict[str, str] = {
    "I know blue and green": "turquoise teal cyan aqua mint petrol",
    "I know red and purple": "pink magenta rose fuchsia burgundy maroon plum",
    "I know purple": "lilac lavender mauve",
    "I know blue and purple": "navy indigo",
    "I know blue": "azure cobalt",
    "I know green": "lime olive emerald jade",
    "I know yellow": "gold golden beige cream lemon sand khaki",
    "I know orange and red": "brown peach coral salmon copper bronze rust tan ginger",
    "I know red": "ruby cherry",
    "I know no black, white or grey": "black white grey gray silver dark-grey charcoal",
    "I know circle": (
        "oval ovals ellipse ellipses ring rings sphere spheres bubble bubbles moon moons sun suns "
        "planet planets wheel wheels egg eggs coin coins globe balloon balloons button buttons round "
        "smiley smileys donut donuts"
    ),
    "I know square": (
        "rectangle rectangles box boxes cube cubes block blocks window windows tile tiles brick bricks "
        "parallelogram trapezoid frame frames"
    ),
    "I know triangle": "pyramid pyramids arrow arrows cone cones mountain mountains tent tents wedge",
    "I know diamond": "kite kites gem gems jewel jewels crystal crystals lozenge lozenges",
    "I know star": "snowflake snowflakes sparkle sparkles asterisk asterisks flower flowers",
    "I know circle and square": (
        "pentagon pentagons hexagon hexagons octagon octagons polygon polygons"
    ),
    "all shapes are of one size": (
        "big bigger biggest small smaller smallest large larger largest tiny huge little giant medium "
        "tall short wide thin thick mini"
    ),
    "I know plain colours only": (
        "light dark pale deep neon pastel shiny striped stripes dotted gradient rainbow colourful "
        "colorful multicolored transparent metallic"
    ),
    "shapes stand beside, above and below each other": (
        "inside behind within front around surrounded surrounding overlapping covering touching"
    ),
    "there is room for six objects": (
        "seven eight nine ten eleven twelve dozen twenty hundred 7 8 9 10 11 12 15 20 50 100"
    ),
    "say how many": "many lots multiple numerous bunch number more less fewer most",
    "say which": "or either different various random",
    "I draw shapes, not things": (
        "cat cats dog dogs bird birds fish horse horses house houses tree trees car cars person people "
        "man woman boy girl animal animals apple apples face faces kitten kittens puppy puppies robot"
    ),
    "say what to draw": "nothing something anything",
    "say on the left or left of": "left right",
    "say at the top or above": "top",
    "say at the bottom or below": "bottom",
    "the ground is always plain and light": "background ground backdrop wallpaper sky",
    "I cannot write": "word words letter letters text says saying sign written reads",
    "shapes stand upright": "rotated tilted turned upside slanted flipped",
}
"""What to answer, and the words it is an answer to."""
ANSWERS = {word: answer for answer, words in HINTS.items() for word in words.split()}


def nearest(word: str, known: Collection[str]) -> str | None:
    """What to say about a word that is not ``known``; None: nothing comes near."""
    if word in ANSWERS:
        return ANSWERS[word]
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.8)
    return f"did you mean {close[0]}?" if close and len(word) > 3 else None
