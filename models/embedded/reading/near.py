"""What the embedded world has that comes nearest to a word it does not know."""

from __future__ import annotations

import difflib
from collections.abc import Collection

HINTS: dict[str, str] = {
    "I know blue and green": "turquoise teal cyan aqua mint petrol",
    "I know pink and purple": "magenta fuchsia lilac lavender mauve",
    "I know red and purple": "burgundy maroon plum",
    "I know pink": "rose salmon",
    "I know blue and purple": "navy indigo",
    "I know blue": "azure cobalt",
    "I know green": "lime olive emerald jade",
    "I know yellow": "gold golden beige cream sand khaki blonde",
    "I know orange": "peach coral apricot ginger",
    "I know orange and brown": "copper bronze rust tan",
    "I know red": "ruby cherry",
    "I know black; the ground is light without being asked": "white grey gray silver charcoal ivory",
    "I know circle": (
        "oval ovals ellipse ellipses ring rings sphere spheres bubble bubbles planet planets wheel "
        "wheels egg eggs coin coins globe balloon balloons button buttons round smiley smileys"
    ),
    "I know square": (
        "rectangle rectangles box boxes cube cubes block blocks window windows tile tiles brick bricks "
        "parallelogram trapezoid frame frames"
    ),
    "I know triangle": "pyramid pyramids arrow arrows cone cones mountain mountains tent tents wedge",
    "I know diamond": "kite kites gem gems jewel jewels crystal crystals lozenge lozenges",
    "I know star and sun": "snowflake snowflakes sparkle sparkles asterisk asterisks",
    "I know leaf and tree": (
        "flower flowers plant plants bush bushes roses tulip tulips palm palms forest wood woods"
    ),
    "I know circle and square": (
        "pentagon pentagons hexagon hexagons octagon octagons polygon polygons"
    ),
    "I know cat, dog and horse": (
        "animal animals pet pets cow cows sheep goat goats pig pigs lion lions tiger tigers wolf "
        "wolves fox foxes bear bears rabbit rabbits mouse mice elephant elephants deer donkey zebra"
    ),
    "I know bird": (
        "duck ducks chicken chickens owl owls parrot parrots eagle eagles penguin penguins crows hen"
    ),
    "I know frog and fish": "turtle turtles snake snakes lizard lizards shark sharks whale whales crab",
    "I know spider": "insect insects bug bugs bee bees butterfly butterflies ant ants ladybug beetle",
    "I know car, truck and bicycle": (
        "bus buses train trains tram vehicle vehicles motorcycle motorbike scooter taxi tractor"
    ),
    "I know plane and rocket": "helicopter helicopters ufo drone drones",
    "I know apple and carrot": (
        "fruit fruits pear pears banana bananas strawberry strawberries grape grapes tomato tomatoes "
        "vegetable vegetables lemon lemons"
    ),
    "I know cake and ice cream": (
        "cupcake cupcakes muffin muffins pizza pizzas burger burgers bread cookie cookies food sweets"
    ),
    "I know cup": "glass glasses bottle bottles bowl bowls plate plates pot",
    "I know house": "castle castles church barn building buildings skyscraper",
    "I know hat and crown": "cap caps helmet helmets shoe shoes shirt scarf",
    "I know ghost and snowman": (
        "person people man men woman women boy boys girl girls child children face faces robot robots "
        "monster monsters witch king queen santa dragon dragons unicorn unicorns"
    ),
    "I know guitar and bell": "piano violin drum drums trumpet flute music",
    "I know cloud, sun and moon": "rain snow lightning rainbow rainbows thunder",
    "say 'a row of' and what": "rows columns grid",
    "say left of, right of or on both sides of": "side sides",
    "I know small and big": (
        "bigger biggest smaller smallest larger largest medium tall short wide thin thick fat long "
        "enormous"
    ),
    "I know plain colours only": (
        "light dark pale deep neon pastel shiny striped stripes dotted gradient colourful "
        "colorful multicolored transparent metallic"
    ),
    "things stand beside, above and below each other": (
        "inside behind within front around surrounded surrounding overlapping covering touching "
        "against wearing holding riding carrying chasing eating"
    ),
    "there is room for eight objects": (
        "nine ten eleven twelve dozen twenty hundred 9 10 11 12 15 20 50 100"
    ),
    "say how many": "many lots multiple numerous bunch number more less fewer most",
    "say which": "or either different various random",
    "say what to draw": "nothing something anything",
    "say where in the picture, or next to what": "corner corners middle center centre",
    "say 'a sign that says' and the word": "stop open exit sale closed",
    "say on the left or left of": "left right",
    "say at the top or above": "top",
    "say at the bottom or below": "bottom",
    "I know day, meadow and night": (
        "background ground backdrop wallpaper beach sea ocean water street road city garden park room "
        "kitchen table desert winter sunset"
    ),
    "I write words of up to four letters": (
        "word words letter text says saying sign signs reads board banner label poster digits"
    ),
    "things stand still": (
        "sleeping running jumping flying swimming driving walking dancing smiling playing sailing"
    ),
    "things stand upright": "rotated tilted turned upside slanted flipped",
}
"""What to answer, and the words it is an answer to."""
ANSWERS = {word: answer for answer, words in HINTS.items() for word in words.split()}


def nearest(word: str, known: Collection[str]) -> str | None:
    """What to say about a word that is not ``known``; None: nothing comes near."""
    for form in (word, word.removesuffix("s"), word.removesuffix("es")):
        if form in ANSWERS:
            return ANSWERS[form]
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.8)
    return f"did you mean {close[0]}?" if close and len(word) > 3 else None
