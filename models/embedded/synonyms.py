"""Other words that people have for the things and colours of the embedded world."""

from __future__ import annotations

OTHER_NAMES: dict[str, str] = {
    "cat": "kitten kitty",
    "dog": "puppy doggy pup hound",
    "fish": "goldfish",
    "horse": "pony",
    "frog": "toad",
    "bird": "dove pigeon",
    "car": "automobile auto",
    "bicycle": "bike cycle",
    "truck": "lorry van",
    "plane": "airplane aeroplane aircraft jet",
    "boat": "sailboat ship yacht",
    "rocket": "spaceship spacecraft",
    "tree": "fir pine",
    "moon": "crescent",
    "cake": "birthdaycake",
    "house": "home cottage hut",
    "umbrella": "parasol brolly",
    "cup": "mug teacup",
    "hat": "cowboyhat",
    "ghost": "spook",
    "circle": "disc disk dot ball",
    "diamond": "rhombus",
    "purple": "violet",
    "red": "scarlet crimson",
}
"""A name of the world, and what else it is called; the suites draw from these words, which stay."""
FURTHER = {
    "cat": "pussycat",
    "horse": "horsey horsie",
    "dog": "doggie doggo pooch",
    "bird": "birdie",
    "frog": "froggy",
}
"""What people call it as well."""
IRREGULAR = {
    "leaf": "leaves",
    "puppy": "puppies",
    "kitty": "kitties",
    "doggy": "doggies",
    "pony": "ponies",
    "pooch": "pooches",
    "froggy": "froggies",
    "spacecraft": "spacecraft",
    "aircraft": "aircraft",
    "fish": "fish",
    "goldfish": "goldfish",
    "rhombus": "rhombuses",
    "snowman": "snowmen",
}
SPACED = {"icecream": "ice cream", "birthdaycake": "birthday cake", "cowboyhat": "cowboy hat"}
"""Words that are written apart."""
SYNONYMS = {
    other: name
    for known in (OTHER_NAMES, FURTHER)
    for name, others in known.items()
    for other in others.split()
}


def plural(noun: str) -> str:
    """The plural of a thing's name."""
    return IRREGULAR.get(noun, f"{noun}s")


def spoken(name: str, count: int = 1) -> str:
    """A thing's name as people write it, in the number that fits ``count``: "ice creams"."""
    noun = SPACED.get(name, name)
    return noun if count == 1 else plural(noun)
