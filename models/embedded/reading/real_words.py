"""English words that are one letter away from a word of the embedded world, and no slips of it."""

from __future__ import annotations

REAL_WORDS = frozenset(
    """
    abode adorably altos ample appel applet applets applies apply arrange arranger arranges artworks
    aulos automobiled baals baels bails bakes balas balds bales balks ballsy bally balms bander
    banger banker banned banners banter bards bawls beard beats bedside bella belle belles bellow
    belly belts betide bicycled bicycler bicyclers bides bight biked biker bikers bills binds bines
    birls birrs bises bites blacks blank blats blight bloats blown boards boars boart boast boasts
    bolls bolts bonner boots bottoms bouts brats brawn brights brigit browne browns brows bulls
    cabled cages caked cakey calked caller calmed calved canes cannas canter canvass capes capita
    capitals capitol cares carnot carroty cases caves cayes celled censer centare centers centner
    centra centres cerate charging charmin charring charting cheeks cheeps cheer cheery chewers
    circe circled circler circlet circlets claud clods cloudy clout clouts clown clowns coiner
    coiners cokes coloreds colorer coloureds colourer compositions conner corder corer corers
    corker corkers cornea corneas corned cornel cornels cornet cornets cornier coroner coroners
    cottager cottagers coupe coupled coupler couples couplet crakes crate crease created creates
    cremate crenate crete crimsons croon croons crowd crowds cukes culled cycled cycler deign
    designs desks dicks dirks disco discos discus dives dodgy doges doggier doggiest dogies doles
    domes dopes doses dotes dover dozes draping drawings drawling droves eighth eights eighty emery
    evert fairy featured features felled fiches figured figurer figurers filed filler fillet filmed
    fiscs fished fisher fishers fishy fists flogs frags frigs frilled frons fulled generated
    generates giants goldfishes grabs grads grams grans grant graphics grasp grasps grays greed
    greek greene greens greeny greer greet gross haling halving hames haring harts hating hawing
    haying hazing heard hears hearst hearth hearths hearty heats heaving herat hiving hoarse hokes
    holes holmes homed homer homers homey homeys homies homos hones hopes horae horde hordes horme
    horne horsa horsed horst horsts horsy hoses housed housel illustrations imaged images imagined
    imagines imaging imago included incudes kindle kingly kitted larges largo larne larry laves
    leads leafy leaks leans leaps leases leaved leaven leavens leaver leavers leavis litters littler
    lively loafs loaves locate locater locates lorre loury lovell loverly lovey lowry meadows
    meadowy meddle middles minima minimalism minimalists missive moans moods moony moors moots morns
    morons muddle muons needled nights nighty objet obtect orang oranges orangs orangy orderer paced
    paining paintings panes panting pappies pappy passible pease penes peonies peppy petty phonies
    photog photom photon photos phots pictured pictures pikes piles pined piney pings pinks pints
    pipes placer places placet placid plage plages planed planer planers plank planks plano plans
    plated played pleas pleased pleases pogies pointing polys ponces ponds pones pongs ponied pontes
    poppies poppy posies positioner possibles possibly powys printing pulpy puppis purpler purples
    racket rackets rally rasher rater rathe ratter reader realty redder regally reilly renders
    renter rhomb rhombic rhombs rickets rochet rocked rocker rockers sample sanding sands sated
    scape scapes scars scend scenes scent scone seabed sealed seamed seared sears sedated semen
    setting sevens sever severn shade shades shake shakes shale shame shames shane shaped shaper
    shapers share shares sharpe shave shaves shewing shias shies shims shingle shins shits shitting
    shivs shoeing shooing shook shops shoring shoving showings showman showmen sifting silting
    simile simpler simplex simply singe singled singles singlet singly siple sitars siting sittings
    skated skips slated slider sliders slips slitting slowing smalls smalt smell snider snips snook
    snooks snowing soars sowing spader spall spars spicer spidery spier spiers spitting spock spoof
    spoofs spool spools spoon spoons spoony spoor spoors squame squared squarer squarest squire
    squires stabs stags stairs stall stand standings stans stapes stare stares stark starlet starr
    start starts stated stats stays steven stirs stook stowing stranding strands sweated sweven
    swingle tanks teens teensy thanes thebe thees theme theses thess thine thingy thinks thins thong
    thongs thought threes threw throe through thunks tings toady tough track tracks treas treed
    treen treks tress trews treys trick tricks tries trough truce truces trues trunk trunks tucks
    tweeny tying tyree udder underneaths violent violets visuals wafted waited waned wanked wantad
    wasted wonted writhen yellows yellowy
    """.split()
)
"""Selected from SCOWL's lists (copyright 2000-2011 by Kevin Atkinson, who lets anybody use, change and
pass them on with this notice), for the words that ``spelling`` may read others as."""
SHORT_WORDS = frozenset(
    """
    aboe atos auts bals bats bels belw bids bies bigg biks birs bkes blck blow boas bota bots bown
    brds brid bron brow bule caar caat caek caes caks carr cast catt ckes clod clou clud cown cpu
    cpus cra cras cron crow cusp cuup dogo doot dost dott dsks dves fiss fogs forg foru frgo frgs
    fri fris fros fuor gant gass geen gian giat gint gras gree grss hart hast hear heat hert hmes
    hoes homs hond hore hors hous htu huse hust hutt huut jeet jest jett jte kitt kye kyes lafs lage
    lare larg leas lefs lorr lory lrry mono mons moos mugg nigh oen oone pane pari pci phot pies
    pins plae plan pnes poch pons pooh poys pppy rde redd reed rred sall sars satr scen scne seen
    sene seve sevn shae shap shis shps sips smll snu snus sook spok spoo stas stra strs sunn susn
    sven tads teen tees tere thee thig thng ting tiro toas toda tods tow trck tres truc truk tuck
    unde vann weee wwee
    """.split()
)
"""Words of three and four letters that are a slip of a short word of the embedded world, and English
themselves, or as likely a slip of another English word; from the same lists."""
