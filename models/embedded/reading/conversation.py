"""What people talk about that no picture shows: the words of conversation, and its fixed wordings."""

from __future__ import annotations

from .chatter import KIN

SMALL = frozenset(
    """
    i i'm i've i'd i'll me my myself we we're we've we'd we'll us our ourselves you you're you've
    you'd you'll your yourself is isn't are aren't was wasn't were weren't be been being am do does
    did don't doesn't didn't have has had haven't hasn't hadn't having can can't cannot could
    couldn't will won't would wouldn't shall should shouldn't may might must the a an this that
    that's these here here's there's who what what's when where why how which because since so and
    but for of to in on at with from by about after before until till during very really too just
    only quite well now then soon ever never always often sometimes usually maybe perhaps probably
    please pls plz yes yeah yep ok okay oh ah hm hmm um uh er wow yay hooray hurray lol haha hahaha
    hehe omg tbh anyway anyways also even still yet already recently lately finally obviously obvs
    clearly honestly seriously basically simply nearly almost much let's let such however though
    although indeed truly tia xx xoxo
    """.split()
)
"""The small words of any sentence. None of them compares, denies, chooses or points
    at what is drawn."""
COURTESY = frozenset(
    """
    thank thanks thankful grateful gratitude welcome hello hi hey hiya howdy greetings goodbye bye
    cheers regards best wishes yours faithfully respectfully sincerely kindly warmly sir madam
    madame ma'am mister mr mrs dear darling honey kind kindness kindest warm warmest nice lovely
    great good wonderful perfect excellent brilliant awesome amazing fantastic cool fine fun happy
    glad pleased delighted excited super trouble bother well done luck question questions help
    advance pleasure patience
    """.split()
)
GREETINGS = frozenset(
    "hello hi hey hiya howdy dear thank thanks welcome greetings bye goodbye cheers good".split()
)
ADDRESSED = frozenset(
    """
    friend friends buddy mate folks team everyone everybody all there computer machine robot bot
    program programme app assistant ai artist painter genius wizard drawing painting picture image
    again you guys
    """.split()
)
"""Whom people greet and thank; without a greeting such a word may name what is to be drawn."""
TIMES = frozenset(
    """
    today today's tomorrow tomorrow's yesterday yesterday's week weeks weekend month months year
    years minute minutes moment hour hours monday tuesday wednesday thursday friday saturday sunday
    january february march april june july august september october november december next last
    first later earlier ago time times
    """.split()
)
MATTERS = frozenset(
    """
    todo note memo reminder fyi asap meeting birthday party wedding anniversary holiday holidays
    halloween christmas easter thanksgiving valentine's concert event celebration festival ceremony
    lesson lessons school class kindergarten preschool homework exercise exercises exam test tests
    testing quiz course courses project projects practice practise counting maths math english
    spelling vocabulary reading science learning teaching story stories bedtime tale fairytale rhyme
    poem work job idea ideas concept task tasks request requests order brief attempt try version
    part step challenge favour favor topic subject theme
    """.split()
)
"""What a picture may be for. None of them can be seen."""
OBJECTS = frozenset(
    """
    chapter book books booklet page pages card cards postcard poster flyer invitation leaflet label
    labels sticker stickers slide slides presentation worksheet handout level lvl game games puzzle
    riddle map quest website site blog post app logo logos brand draft sketch mockup picture
    pictures image images drawing drawings illustration illustrations scene scenes artwork design
    graphic icon thing things stuff price tag tags menu client customer customers charity newsletter
    magazine calendar diary title lunch dinner breakfast coffee tea money profile avatar banner
    header cover print greeting
    """.split()
)
"""What a picture may be on or for as well, and what somebody may ask for: talk where
    they name a heading, or stand in a sentence about people."""
VENUES = frozenset(
    "shop store cafe restaurant bakery office church museum club band choir company business gallery"
    " library".split()
)
"""Where people work and meet: a heading of that kind would be a scene."""
PEOPLE = frozenset(KIN) | frozenset(
    """
    sons daughters nieces nephews aunt aunts auntie uncle uncles cousin cousins nan nana gran
    granddad grandad grandparents great-granddaughter great-grandson granddaughters grandsons
    parents family boyfriend girlfriend partner fiance fiancee colleague colleagues neighbour
    neighbours neighbor neighbors roommate twins twin baby babies boy boys girl girls brothers
    sisters student students everybody everyone nobody people
    """.split()
)
DOINGS = frozenset(
    """
    painting drawing art crafts not love like tired sad bored busy late ill sick new old young alone
    lonely nervous curious stuck confused afraid aware able beginner newbie think thinks thinking
    thought know knows knew known hope hopes hoping hoped feel feels feeling felt tries tried trying
    learn learns learnt learned teach teaches taught study studies studying studied live lives lived
    living go goes going went come comes coming came getting give gave given take takes took taken
    tell tells told telling say says said saying ask asks asked asking talk talks talking talked
    speak speaks speaking spoke helps helped helping use uses used using meet met visit visits
    visiting visited enjoy enjoys enjoyed loves loved likes liked miss misses missed remember
    remembers wonder wondering wondered plan plans planning planned sleep sleeps sleeping slept eat
    eats ate cook cooked woke bought sold started starting finish finished finishing began begin
    celebrate celebrates celebrating celebrated born turns turned turning works worked working runs
    play plays playing sing sings singing hospital farm town village country seaside leave married
    retired moved moving life world mind hurry rush worry worried worries problem clue while long
    evening morning afternoon off own lot bit husband wife favourite favorite named called whether
    mislaid lost glasses spectacles own anymore
    """.split()
)
"""What people are and do. Of "I", "we", "you" or one's family it is talk; of a thing
    it would say how it looks."""
POSSESSIVE = r"(?:my|our|his|her|their|your)"
OF_LIFE = (
    r"(?:slide|page|lvl|level|exercise|question|task|picture|card|part|scene|number|no\.?|chapter"
    r"|step|day"
    r"|week|year|room|grade|image|drawing|version|attempt|try|idea|draft|option|request|worksheet|unit)"
)
IDIOMS = [
    rf"\b{OF_LIFE} ?#?\d+[a-z]?\b(?! (?:of|x)\b)",
    r"#\d+",
    rf"^{OF_LIFE} (?:one|two|three|four|five|six|seven|eight|nine|ten|[ivx]+|[a-z])$",
    r"\bonce upon a time\b",
    r"\b(?:my|his|her|our) (?:first |last )?name(?:'s| is) [a-z]+\b|^whatever$|^(?:grand(?:pa|ma)|mum"
    r"|mom|dad|granny|nana) here$",
    r"\bi'?m (?:only |just |already )?\d+\b(?= and\b|$)",
    r"^you(?:'re| are) (?:really )?(?:an? |the )?(?:artist|genius|wizard|legend|star|best)(?: ever)?$",
    r"^as (?:an?|my|our) (?:poster|card|postcard|flyer|invitation|leaflet|logo|sticker|label|slide"
    r"|picture|print)s?\b",
    r"\bto whom it may concern\b|\bfirst things first\b|\bif you can (?:do|draw|make|manage) (?:this"
    r"|that|it)\b",
    r"\b(?:i'm |i am )?not sure (?:if )?(?:this|that|it) (?:works|will work|is possible|makes sense"
    r"|is ok)\b",
    r"\b(?:wants?|needs?) (?:this|it|that)(?= (?:by|for|before|on|today|tomorrow|soon|asap|quickly"
    r"|now)\b|$)",
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day (?:morning|afternoon|evening)s?\b",
    r"\b(?:the )?(?:back|front|inside|cover|outside) of (?:the|my|our|a|this|her|his) "
    r"(?:card|book|booklet|flyer|invitation|leaflet|menu|poster)\b",
    r"\bhow much (?:does (?:it|this|that) cost|costs?|is (?:it|this|that))\b",
    r"\bwhat does (?:it|this|that) cost\b",
    r"\bwhere(?:'s| is) (?:the )?(?:undo|back|save|print|menu|settings|reset)(?: button| key)?\b",
    r"\b(?:ok|okay),? (?:a )?new one\b|^new one\b",
    r"\bone (?:more )?(?:thing|question|request|wish|favou?r)\b",
    r"\b(?:can|could|will|would) you (?:do|manage|make|try) (?:it|this|that)(?: that way| like "
    r"(?:that|this)"
    r"| for (?:me|us))?\b",
    r"\bi can't (?:do|draw|make) (?:it|this|that) myself\b|\bi can't draw\b",
    r"\b(?:have|has|had|having) an? (?:very |really )?(?:nice|good|great|lovely|wonderful|busy|long"
    r"|amazing) (?:day|evening|week|weekend|time"
    r"|morning)\b",
    r"\b(?:good|this|tomorrow|yesterday|last|every|next|one) (?:morning|afternoon|evening|day|night)\b"
    r"(?= (?:i|we|my|our|you|all|to|sir|madam|dear|everyone|there|computer)\b|$)",
    r"\bthese days\b|\bthe other day\b|\ball day\b|\bday off\b",
    r"\b(?:thanks|thank you) (?:so |very )*(?:much|a lot|a million|a bunch)\b|\ba lot of (?:fun|work"
    r"|homework"
    r"|thanks|practice)\b",
    r"\bno (?:rush|hurry|worries|problem|problems|pressure|idea|clue|offen[cs]e|need to hurry|big"
    r" deal)\b",
    r"\bnot (?:sure|bad)\b|\bwhy not\b|\bi do(?: not|n't) know\b|\bfirst of all\b|\bof course\b|\bby"
    r" the way\b",
    r"\blong (?:story short|time no see)\b|\bjust (?:so you know|kidding|saying)\b",
    r"\bif i may\b|\bif you (?:have|get) (?:a )?(?:time|minute|moment|second)\b",
    r"\bit(?:'s| is| was) (?:for|about|just|only|all|really|so|very|my|our|his|her|their)\b",
    r"\b(?:it|this|that) (?:is|was|will be|would be|has to be|must be) (?:for|due|meant for|a gift|a"
    r" present"
    r"|a surprise|a secret)\b",
    r"\b(?:it|that|this)(?:'s| is| was) (?:very |so |really |just )*(?:lovely|great|nice|perfect"
    r"|wonderful"
    r"|good|fun|cool|awesome|amazing|kind|sweet|all|enough|everything|due|monday|friday|sunday)\b",
    r"\bhere (?:we|you|i) (?:go|are|come)\b|\bhere(?:'s| is| comes| goes)(?: my| the)? (?:wish"
    r"|request|order"
    r"|idea|task|brief)?\b",
    r"\bto cheer (?:him|her|them|me|us|my \w+|everyone) up\b|\bto make (?:him|her|them|me|us) (?:smile"
    r"|happy|laugh)\b",
    r"\b(?:don't|do not) (?:ask|laugh|judge|worry|hurry|tell anyone)(?: me)?(?: why)?\b",
    r"\bfor (?:him|her|them)\b|\bthat's why\b|\bguess what\b|\blet me (?:think|see)\b",
    r"\b(?:call|calls|called) (?:me|us|him|her) (?:(?:his|her|my|their|our|a|an|the) )?(?:\w+ )?\w+$",
    r"\bthe little ones? (?:beside|next to|with|near) (?:me|us)(?: is| are)?\b",
    r"\bthe little ones? (?=(?:is|keeps|was|wants)\b)",
    r"\b(?:is |are |keeps? |was )?(?:shout|scream|yell|ask|begg|cry|call|sing|chant|whin)ing(?: for)?$",
    r"\bwe(?:'re| are) (?:doing|learning|practi[sc]ing|at|on) (?:the )?(?:number|letter|word|colou?r"
    r"|shape)s?"
    r"(?: \w)?\b",
    r"\b(?:today's|this week's|tomorrow's|our|the) (?:letter|number|word)(?: of the (?:day|week"
    r"|month))? is "
    r"(?:the )?(?:(?:letter|number) )?[\"']?\w\b[\"']?",
    r"\b(?:shapes?|colou?rs?|numbers?|letters?) (?:lesson|exercise|worksheet|practice|week|day"
    r"|test|game"
    r"|quiz|homework)s?\b",
    r"\b(?:turns?|turned|turning|is|am|are|be|of|aged?) (?:now |already )?(?:\d+|five|six|seven|eight"
    r"|nine|ten|eleven|twelve)(?:(?: |-)(?:years?"
    r"|months?)"
    r"(?:(?: |-)old)?)?\b(?=$| (?:on|in|next|this|today|tomorrow|now|already|and|years?)\b)",
    r"\b\d+(?:st|nd|rd|th)\b(?= (?:birthday|grade|class|anniversary|lesson|exercise|page|year|attempt"
    r"|try))",
    r"\bsorry (?:for|about) (?:(?:my|the|any|all) )?\w+(?: \w+)?\b|\bi(?:'m| am) sorry(?:,? (?:for"
    r"|about))?(?: my"
    r" \w+)?\b",
    r"\bexcuse (?:me|my english|us)\b|\bbeg your pardon\b",
    r"\bwhich one is (?:different|odd|the odd one out|missing|not like the others)\b|\bodd one out\b",
    r"\b(?:spot|find) the (?:odd one out|difference|odd one)\b",
    r"\bhow many (?:are there|are they|do you see|can you (?:see|count|find|spot))\b",
    r"\b(?:on|at|from) our (?:farm|street|school|balcony|campsite)\b",
    r"\b(?:everybody|everyone|they all|the children|all) (?:sleeps?|is asleep|are asleep|went home"
    r"|is gone"
    r"|went to bed|is in bed)\b",
]
"""Wordings that are talk as a whole, though one of their words alone might not be."""
NEEDED = (
    r"^(?:i|we) (?:need|want|would like|'d like|am making|are making|have to make|am designing)(?: to"
    r" make)? (?:an?|some|our"
    r"|my|the) (?:new |nice |simple )?(?:poster|card|postcard|flyer|invitation|leaflet|logo|sticker"
    r"|label|worksheet|slide"
    r"|picture|drawing|banner|cover|print|image)s? *$"
)
"""What a picture is wanted as, once what it is for has been left out."""
HOUSEHOLD = frozenset(
    "fridge wall room bedroom door desk nursery kitchen playroom bathroom office".split()
)
"""Where a picture may be for, and only where it says so."""
PAGES = (
    r"(?:page|picture|pic|slide|card|scene|image|drawing|version|option|draft|level|lvl|chapter"
    r"|poster|frame|panel)"
)
"""What is a picture of its own, so that several of them are several pictures."""
NEXT_ONE = (
    r"(?:(?:and|now|ok|so) )*(?:(?:the )?(?:next|last|final|first|new)|another|one more|quick|easy"
    r"|simple) (?:one|thing|try)"
    r"(?: for (?:today|now|tonight|me))?"
)
"""A heading that only says that a request comes."""
