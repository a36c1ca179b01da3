"""What people say around a request, and how they write it down: courtesies, contractions, lists."""

from __future__ import annotations

import re

STOP_WORDS = frozenset(
    """
    please pls plz draw drawn put place add me us paint show make create generate render give i we
    you he she want wanted would like need needed can could will may might shall there am was were
    been being should must do does did exactly precisely just only also plus even already containing
    contains consisting contain include includes including feature featuring showing shows depicting
    that which who what why because since though although some placed located standing stood sitting
    sits sat seated stands lies lying arranged positioned coloured colored together total so this
    have has having had got to for my our your his her where while its their very i'd i'll i'm i've
    we've you'd we'd let's there's it's they're he's she's who's that's what's see let lets get try
    hi hello hey yo oh ah ok okay um uh er hmm well lol omg haha yeah yes thanks thank cheers kindly
    bright beautiful nice cute lovely pretty wonderful gorgeous charming cheerful jolly lonely quiet
    silly spooky scary friendly happy funny adorable sweet fresh yummy tasty fancy simple plain
    basic minimal minimalist solid filled identical quite rather really super fairly actually
    basically maybe perhaps first firstly secondly finally hope wish imagine think ordered write
    written letters capital real own called named possible great dear again too definitely certainly
    absolutely
    """.split()
)
"""Words without which a request means the same. Those that say where something stands, that something
is missing or that there is a choice are never among them."""
POSSIBLE = (
    r"(?:if (?:you (?:can|could|would|please|like|don't mind|wouldn't mind)|possible))(?!'t| ?not\b)"
)
KIN = (
    "son daughter kid kids child children wife husband mother mum mom father dad sister brother "
    "grandma grandpa granny grandson granddaughter grandchild grandchildren niece nephew toddler "
    "friend friends boss client customer teacher class pupils students team homepage website blog "
).split()
SOMEBODY = rf"(?:my|our|his|her|their|the) (?:(?:little|older?|younger?|best) )?(?:{'|'.join(KIN)})"
SAID_AROUND: list[tuple[str, str]] = [
    (
        r"my (?:fav(?:ou?rite?|rite|ou?rit|e|s)?) (?:animals?|things?|shapes?|toys?) (?:is|are)"
        r"(?= (?P<things>[^.!?;:]*?)(?: and|,|, so| so)? (?:i|we) (?:want|need|would like) (?:both"
        r"|them|it|all)\b)",
        " ",
    ),
    (r"(?:and|so|,)* ?(?:i|we) want (?:both|them(?: all)?|all(?: of them)?)(?= (?:and|with)\b|$)", " "),
    (r"(?<=_),? (?:in |with )?([a-z]+) (?:letters|writing|text|font|lettering)", r" in \1"),
    (r"(?<=_) in ([a-z]+)(?: written)? on (?:an?|the) (?:sign|board|banner)", r" in \1"),
    (r"good (?:morning|afternoon|evening|day)|dear (?:sir|madam|program|computer|all)", " "),
    (r"(?:would|could|will) you be so (?:kind|good) (?:as to|and)|be so kind(?: as to)?", " "),
    (
        rf"{POSSIBLE}|if (?:it (?:is|isn't|is not)|it's not|that's)[a-z' ]*? (?:trouble|bother|ok)",
        " ",
    ),
    (r"if you(?:'d| would) be so (?:kind|good)", " "),
    (
        r"(?:many thanks|(?:thanks|thank you)(?: (?:ever )?so| very)?(?: much| a lot)?)",
        " ",
    ),
    (r"(?:be |am )?(?:(?:most|very|so|really|ever so) )?(?:grateful|thankful)(?: for| if)?", " "),
    (r"(?:should |would |'d )?very much like(?: to (?:see|have|get))?", " "),
    (
        r"i(?:'m| am)? (?:wonder|wondering)(?:,? (?:whether|if))?(?: you (?:would|could|might))?"
        r"(?: (?:be so )?(?:kind|good) (?:as to|and))?|you (?:would|could|might) be so (?:kind|good) "
        r"(?:as to|and)",
        " ",
    ),
    (r"please to(?= draw| make| paint| show| put)?|pleas(?: to)?|p+l+s+|tia", "please"),
    (r"(?:all )?(?:alone|by itself|on its own)(?= (?:in|at|on|i)\b| ?[,.;!]|$)", " "),
    (r"whatsoever|(?:this|next|last) (?:year|month|week)(?= ?[,.;!?]|$)", " "),
    (
        r"(?:the )?(?:rest|others|other \w+|remaining \w+|colou?rs?)(?: of (?:them|these|those))? "
        r"(?:may|can|could|should)"
        r" be (?:whatever|anything|any(?: colou?r)?|as|how(?:ever)?|what)(?: you (?:like|want|wish"
        r"|please|prefer))?",
        " ",
    ),
    (r"of an otherwise (?:empty|blank)(?= (?:page|picture|image|canvas|sheet)\b)", "of the"),
    (r"(?:flowerless|bare)(?= (?:meadow|field|grass|lawn)\b)", " "),
    (
        rf"(?:{SOMEBODY}|he|she|they) (?:says?|said|thinks?|told me|insists?)(?: that)?"
        r"(?= (?:the|an?|two|three|four|no|we|there) )",
        " ",
    ),
    (r"nothing (?:but|except)(?: for)?(?= )|something(?= with )", " "),
    (r"what if(?= (?:an?|the|there|two|three|you|we)\b)", " "),
    (
        r"(?:(?:make|draw|paint|do|create|show) )?(?:me )?(?:an?|the) (?:picture|drawing|image"
        r"|painting) of(?= (?:him|her|it|them)\b)",
        " ",
    ),
    (r"(?<=no )(?P<thing>[a-z]+) tonight", r"\g<thing>"),
    (r"(?:ok(?:ay)?,? )?(?:bye(?:[ -]?bye)?|goodbye|see you)(?=\W*$)", " "),
    (
        r"(?:better|best) (?:make|draw)(?: (?:it|that))?(?= (?:an?|one|two|three) )|make it(?= (?:an?"
        r"|one|two|three) )",
        " ",
    ),
    (
        r"so (?:that )?(?:it|they|this|that)(?: all)? (?:looks?|will look)(?: (?:a bit|kind of))?"
        r" like (?:an?|the) [a-z]+",
        " ",
    ),
    (r"up of(?= (?:it|them|the|that)\b)", "above"),
    (r"down of(?= (?:it|them|the|that)\b)", "below"),
    (r"(?:zero|0|nil)(?= [a-z]+s\b)", "no"),
    (
        r"(?<=once )upon a time(?= )|once (?:upon a time )?,?(?: ?there (?:was|were|lived))?(?= "
        r"(?:an?|two|three|four|five)\b)",
        " ",
    ),
    (r"(?:that|who|which) (?:lived|lives|live)(?= (?:between|above|below|under|beside|next)\b)", " "),
    (r"in (?:an? |one )?(?:line|row) (?:going|running) (?:down|up|downwards?|upwards?)", "in a column"),
    (
        r"sorry (?:to|for) (?:bother|trouble|disturb)(?:ing)? you(?: (?:again|with this|so late))?,?"
        r"(?: but| and)?",
        " ",
    ),
    (
        r"(?:may|might|could|can) i have the (?:pleasure|honou?r|joy) of(?: (?:seeing|having"
        r"|getting))?",
        " ",
    ),
    (
        r"(?:i|we)(?:'d| would) be (?:(?:so|very|really) )*(?:happy|glad|delighted|pleased|grateful) "
        r"(?:about|with|for)",
        " ",
    ),
    (
        rf"{SOMEBODY} (?:(?:is|are) (?:obsessed with|into|crazy about|mad about|a fan of)|(?:really"
        rf" )?(?:loves?|likes?|adores?"
        r"|collects?)) [a-z]+(?: and [a-z]+)?(?= (?:so|and so),? (?:please|pls|can|could|draw|make"
        r"|paint|i)\b)",
        " ",
    ),
    (r"p\.? ?s\.?(?= ?:)|uhm+|uhh+|erm+", " "),
    (r"any(?= [a-z]+ (?:will do|is fine|is ok)\b)", "a"),
    (
        r"(?:i|we)(?:'d| would)(?: (?:really|very much|greatly|also))? appreciate"
        r"(?: it if you(?: could| would)?(?: draw| make)?)?",
        " ",
    ),
    (
        r"in advance|may i ask for|(?:do|would) you mind(?: drawing| making| painting| showing)?"
        r"|i was wondering if|(?:how|what) about",
        " ",
    ),
    (
        r"(?:i(?:'d| would)|it would) (?:be|make) (?:(?:so|very|really|my day|me) )*(?:thrilled"
        r"|happy|glad|"
        r"delighted|pleased|grateful|overjoyed|my day)?(?: (?:to (?:see|get|have)|if you (?:drew"
        r"|made|could"
        r"(?: draw| make)?|painted|would draw)))(?: me)?",
        " ",
    ),
    (r"i (?:was|am|'m) (?:hoping|looking|wishing|thinking|after|in need)(?: (?:for|of|about))", " "),
    (r"(?:weird,? )?i know(?: (?:it's|it is|that's) (?:weird|odd|silly|strange))?(?=[,.;:!?]|$)", " "),
    (r"(?:and )?make it (?:snappy|quick|fast)|no idea what to draw|surprise me:", " "),
    (r"in my (?:head|mind)|in mind|is it possible to", " "),
    (
        rf"(?:{SOMEBODY}|i|we) (?:really )?(?:loves?|likes?|adores?) [a-z]+(?: and [a-z]+)?"
        r"(?: very much| so much| a lot)?(?=[:.,;!] (?:so|please|pls|can|could|draw|make|paint)\b)",
        " ",
    ),
    (
        rf"for {SOMEBODY}(?:'s birthday)?(?!'s)|{SOMEBODY} (?:wants?|needs?|would like|likes?|loves?)",
        " ",
    ),
    (r"(?:i'd|i would|would) love", " "),
    (r"(?:hero|header|cover|stock)(?= (?:image|picture|photo))|eye[ -]catching|clip ?art of", " "),
    (r"(?:do not|don't) forget|pl+e+a+s+e+", " "),
    (
        r"(?:might|may|could|can) i (?:also |perhaps |please )?(?:trouble|bother|ask) you(?: for| to "
        r"(?:draw|do|make))?",
        " ",
    ),
    (r"sorry (?:if|that|but) (?:this|it|that)(?: is|'s) (?:too|so) much,?(?: but)?", " "),
    (r"(?:many |much )?(?:thanking you|appreciated|obliged)(?: kindly)?|^\W*sorry", " "),
    (r"(?:he|she|they|i|we) (?:wants?|needs?|asks?|asked|wanted)(?: for)?(?! (?:me|us|to)\b)", " "),
    (
        r"(?:quickly|kindly|nicely|simply|neatly|quick|go|now|next|ok|okay)(?= *(?:please "
        r"*)?(?:[,.;:!?]|$))",
        " ",
    ),
    (r"(?<![a-z] )(?:now|next|ok|okay)(?= (?:an?|the|one|two|three|draw|make|put|show)\b)", " "),
    (r"i(?: am|'m)? (?:search|look|looking|searching)(?: for)?(?= an?\b)", " "),
    (r"(?:symmetry|symmetrical|symmetric)(?:,? please)?(?= *[:,.])", " "),
    (
        r"(?:i|we|you|they)(?:'d| would| should| do)?(?: really| also| still)? like|would like|if "
        r"you like",
        " ",
    ),
]
"""Courtesies and asides, which are left out."""
SHORT: list[tuple[str, str]] = [
    (r"w/o", "without"),
    (r"w/(?=\s|\w)", "with "),
    (r"(?<=\s)@(?=\s)", "at"),
    (r"(?<![\w!])!(?=[a-z])", "no "),
    (r"\bnext 2\b", "next to"),
    (r"\b(there|that|what|let|who|where|here)s\b", r"\1's"),
    (r"\b(do|is|are|does|was)nt\b", r"\1n't"),
    (r"\bim\b", "i'm"),
    (r"\b(?:it|s?he)'s\b|\bs?he is\b", "it is"),
    (r"\bthey're\b", "they are"),
    (r"\bu\b", "you"),
    (r"\b(an?|the|one|little|big) fish(?:y|ie)\b(?! (?:smell|taste|business))", r"\1 fish"),
    (r"\bsr+y\b", "sorry"),
    (r"\bsmth\b|\bsmthn\b|\bsth\b", "something"),
    (r"\bobvs?\b|\bobvi\b|\bofc\b|\bdefo?\b|\bfr fr\b|\bidc\b|\bofcourse\b|\bof course\b", " "),
    (r"(?<=\w) '?n'? (?=\w)", " and "),
    (r"\bwanna\b", "want to"),
    (r"\b(gim|lem)me\b", "let me"),
    (r"\b(?:tho|rn|asap|atm|btw|fyi|imo|tbh|ngl|pretty please)\b", " "),
    (r"\b(?:coz|cuz|bc|becuz|cos)\b", "because"),
    (r"\.{2,}|\u2026", ". "),
    (
        r"\b(?:kinda|sorta|kind of|sort of|like,|idk|dunno|i guess|i suppose|lmao|(?:a?ha){2,}h?|he"
        r"(?:he)+|cause why "
        r"not|why not)(?!\w)",
        " ",
    ),
    (r"\b(?:gotta|gonna|has got to|have got to|supposed to)\b", "should"),
    (r"\b(one|two|three|four|five|six|seven|eight) \((\d)\)", r"\2"),
    (r"\bhow bout\b", "how about"),
    (r"\b(i|we|you)ve\b", r"\1've"),
    (r"(?<=\s)'em\b", "them"),
    (r"(?<=\s)[-\u2013\u2014](?=\s)", ","),
]
"""How people shorten what they type, and what it is short for."""
SLIPS: list[tuple[str, str]] = [
    (r"(?<=\w)\s+n\s+(?=\w)", " and "),
    (r"(?<=\s)w (?=\w)", "with "),
    (r"\b(sign|board|banner) what (says|reads)\b", r"\1 that \2"),
    (r"\b(?:wiht|wih|wtih|whit)\b", "with"),
    (r"\b(?:adn|nad|ahd)\b", "and"),
    (r"\b(?:teh|hte|thr)\b", "the"),
    (r"\b(?:undr|uner)\b", "under"),
    (r"\b(?:in ?betw?een|inbetw?een|betwen|bewteen)\b", "between"),
    (r"\b(?:nxt|nex) to\b", "next to"),
    (r"\bdiff?e?rent\b", "different"),
    (r"\btomm?orr?ow\b", "tomorrow"),
    (r"\bmid\b", "middle"),
    (r"\blil'?\b", "little"),
    (r"\bits (?=(?:for|night|day|my|our|a|an|the|not|in|on|at|to)\b)", "it's "),
    (r"\b(?:thx|ty|tx|tysm|cheers|ta)\b", "thanks"),
]
"""Small words as they are often mistyped or shortened, in small letters."""
SMILEYS = re.compile(r"(?<!\w)(?:[:;=]-?[)(DPp]|<3|xD|XD|\^\^)(?!\w)")
LEADING = re.compile(
    r"^\W*(?:(?:so|um|uh|hi|hey|hello|please|like|then|(?:can|could|would|will) you|draw|paint|do)["
    r" ,!]+)+"
    r"(?=(?:left|right|top|bottom|in|on|at|an?|the|two|three|four|five|six|seven|eight|[2-8])\b)"
)
TRAILING = re.compile(
    r"(?:[ ,]+(?:lol|lmao|haha|hehe|ok|okay|please|pls|plz|thanks|thank you"
    r"|because (?:she|he|they|we|i) (?:really )?(?:loves?|likes?|adores?) (?:them|it|those)))+[ .!]*$"
)
"""What begins and ends a request and asks for nothing, so that it stands between other signs."""
MARKER = r"(?:[-*\u2022\u00b7]|\d{1,2}[.)])"


def unlisted(prompt: str) -> str:
    """``prompt`` on one line, with commas for the marks of a list: dashes, stars, numbers."""
    text = SMILEYS.sub(" ", prompt)
    for pattern, meant in SLIPS:
        text = re.sub(pattern, meant, text)
    if re.search(r"(?<!\w)1[.)] ", text) and re.search(r"(?<!\w)2[.)] ", text):
        text = re.sub(r"(?<!\w)\d{1,2}[.)] +", ", ", text)
    text = re.sub(rf"(?m)^[ \t]*{MARKER}[ \t]+", "", text)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    joined = "".join(f"{line}{' ' if line[-1] in ',;:.!?' else ', '}" for line in lines)
    joined = re.sub(r"(?i)(?<!\w)(?:he|she|they|my \w+) (?:says?|said|goes) ?[:,] ?", " ", joined)
    joined = re.sub(r"(?i)^(?:items|objects|things|contents) ?:", "", joined.strip().removesuffix(","))
    return re.sub(r"^[ ,]+|(?<=:) *,", " ", joined)


def written_out(text: str) -> str:
    """``text`` in small letters with what is shortened written out."""
    for pattern, longer in SHORT:
        text = re.sub(pattern, longer, text)
    return text


def without_courtesies(text: str) -> str:
    """``text`` in small letters without what is said around the request."""
    text = TRAILING.sub("", LEADING.sub("", text))
    for pattern, plainer in SAID_AROUND:
        text = re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", plainer, text)
    return text
