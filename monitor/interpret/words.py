"""Words that look like names and are none, and the endings that give a substance away: tables only."""

COMPANIES = frozenset(
    """abbvie abbott abeona ab-science acadia acorda actinogen adamas addex aerpio agenus agios akcea akebia akero alector alexion
    alkermes allergan allogene alnylam alzheon amarin amgen amneal amryt amylyx anavex annexon annovis antisense apellis apotex
    applied aprinoia aquestive ardelyx argenx arrowhead arvinas ascendis astellas astrazeneca athira atalanta aurinia avadel
    avexis avidity axovant axsome azurity bain bausch bavarian baxter bayer beam beigene beone bioage biocon biocryst biogen
    biohaven biomarin biontech biovie bioxcel blueprint bluebird boehringer brainstorm bristol myers squibb calliditas capricor cara
    cassava catabasis catalent catalyst celgene celltrion cerevel chiesi chinook chugai cipla clene clovis coherus corcept
    corium covis crinetics crispr csl cybin cytokinetics daiichi day dermavant denali dyne dynavax edw editas eiger eisai
    elan emergent enanta endo esperion exelixis ferrer fibrogen forest fresenius fujifilm galapagos galderma gan genentech
    genfit genmab genoptix gensight genzyme geron gilead gland glenmark grifols grunenthal gsk harmony helsinn hengrui hikma
    horizon hutchmed idorsia immunogen immunovant impax incyte indivior innovent inozyme insmed intellia intercept intra-cellular
    invivyd ionis ipsen ironwood italfarmaco itf janssen jazz johnson junshi kadmon kalvista karuna karyopharm kiniksa kindeva
    krystal kyowa kyverna larimar legend leo lexicon lexeo lilly lundbeck lupin lykos macrogenics madrigal mallinckrodt
    mannkind marathon marinus medicinova medicines melinta merck mereo merz mesoblast mind minerva mirati mirum mitsubishi
    moderna monopar morphosys mylan nektar neurelis neurimmune neurizon neurocrine neurosense neurogene newron nippon novartis
    novavax novo nordisk nurix ocular omeros ono optinose orchard orexo organon orion orphazyme otsuka ovid pacira passage
    pepgen perrigo pfizer pharming phathom pliant praxis precision prilenia protalix prothena provention ptc purdue qurailis
    quralis radius ra reata recordati regeneron regenxbio relmada replimune revance reveragen rhythm rhone-poulenc rigel roche
    rocket roivant sage samsung sandoz sangamo sanofi santen santhera sarepta scholar scilex scynexis seagen seelos seres
    servier shionogi shire silence sk-life smith sobi solid spark spectrum spero stealth stoke sumitomo sunovion sun supernus
    swedish syndax takeda tanabe tarsus taysha teva tg theravance tonix transposon travere trevena tris ucb ultragenyx uniqure
    united valneva vanda vaxart verge verona vertex viatris vigil viking viridian vistagen voyager wave windtree wockhardt x4
    xbrane xenon xeris xgen xtl y-mabs zai zambon zealand zentiva zevra zogenix zydus acelyrin arcutis arcus astria ardea
    ayala biophytis cellect cellectis connect cullinan disc entrada flexion formation fulcrum g1 galecto genethon humacyte
    hoth imara immunic impel inhibikase iovance iterum jaguar kezar kodiak kura liquidia magenta milestone nabriva neos
    nuvation odonate ortho outlook oyster paratek petros portola priovant reneo retrophin rezolute sagimet savara sio satsuma
    sesen siga skyhawk strongbridge structure summit sutro syros tcr2 tiziana trillium tyme urovant vanqua vera vericel
    vincerx viela viiv xoma zafgen zymeworks accord aurobindo torrent macleods alembic dr reddy reddys cadila natco breckenridge
    camber mayne par lannett nephron hospira exela slayback american regent bial esteve almirall faes rovi pierre fabre
    philips medtronic apple google microsoft siemens neuralink synchron boston scientific edwards dexcom insulet""".split()
)
"""Makers of medicines, in lower case: the first word of their names. A maker is never the drug."""

PLACES_AND_PEOPLE = frozenset(
    """us usa uk eu america american americans canada canadian canadians europe european europeans britain british england
    scotland scottish wales ireland irish france french germany german germans italy italian spain spanish japan japanese
    china chinese korea korean india indian australia australian australians switzerland swiss brazil brazilian mexico israel
    israeli netherlands dutch sweden swedish norway denmark danish finland belgium austria poland portugal greece turkey
    russia russian africa asia gulf ontario quebec alberta columbia milan turin leeds ohio texas maryland california london
    brussels washington tokyo geneva paris berlin copenhagen montreal leuven luxembourg nordic north south east west latin
    january february march april may june july august september october november december monday tuesday wednesday thursday
    friday saturday sunday alzheimer alzheimers parkinson parkinsons huntington huntingtons duchenne friedreich rett crohn
    gaucher fabry pompe niemann pick hodgkin alport barth sanfilippo lou gehrig charcot wilson hunter hurler dravet lennox
    gastaut tourette angelman prader willi lambert eaton guillain barre behcet sjogren stargardt leber usher batten krabbe
    fda ema ec mhra mhlw pmda nmpa tga mfds swissmedic anvisa chmp prac cder cber nice cadth cda cms icer inesss pcpa pbac has
    g-ba nhs nih cdc who acip sec nasdaq nyse otc pepfar commission congress senate parliament medicare medicaid healey
    jama lancet nejm neurology nature bmj science cell nda bla anda snda sbla maa ind cta eua crl pdufa noc ip als mnd sma
    dmd ftd copd covid hiv mds ttr attr nash mash nsclc hcc aml cll cidp gmg ms ocd adhd ndma ptsd rna dna mrna crispr
    aav lnp gmp gcp ceo cfo cmo q1 q2 q3 q4 h1 h2 hq vp phase trial study pubmed ctis eudract clinicaltrials eap ole dsmb
    idmc dmc adcomm rmat prime ilap orbis met her2 egfr alk sod1 fus c9orf72 tdp apoe4 apoe glp-1 pd-1 il-6 ttr jak car-t""".split()
)

COMMON = frozenset(
    """a an the this that these those it its he she they we our their his her i you your one two three four five six seven
    eight nine ten eleven twelve twenty fifty half all any both each every many most more much few some several other
    another such no not never none nothing first second third fourth last next new newest old early earlier late later final
    full partial initial early-stage late-stage mid-stage in on at by for from to of off with without within after before
    since until during under over about above across against along among around as because but and or nor so yet if when
    where while why how what which who whose will would can could may might must shall should is are was were be been being
    has have had do does did done now then today yesterday tomorrow here there still again also only just even too very
    approval approvals approved approves application applications accepted accepts access act action additional adult adults
    advice adviser advisers advisor advisors advisory agency agenda agreement alert all-clear analysis analyst analysts animal
    announced annual antibody antisense appeal applicant asset association author authorities authority authorisation
    authorised authorization background bad ban bank bankers batch batches bench better big bill biosimilar biologics
    biotech blood board body book both boxed boys brain brake breakthrough briefing britons calendar call cancer candidate
    carers case cash cell center centre chair change changes charity chief children class cleared clearance clinical clinic
    clinics closed combination comments committee company compassionate complete compound condition conditional conditions
    conference confirmatory consumer contact contract contrary conversion copy copies corporate correction court
    coverage current data date day days deal decision delay delays delegates development developer device devices diet
    director disappointment doctor doctors dog dosing dose doses dossier draft drug drugs dutch each eight efficacy
    emergency end ends enrolment enrollment entry error ethics event events exclusive expanded expert experts explainer
    export extension eye factory fail fails failed failure families fast fee figures file filed files filing financing
    financial five fixed food footer form former forum four free fresh frequently fully fund funding gene generic generics
    genetic german good government grant green group growth guidance guide half halt halted headline health hearing
    historian history hold holder holders hope hopes hospital hospitals house human if import important inspection
    inspectors injection insurer interim interview investors island investigators item items job join joint journal judge
    judges jury label labelling large launch law lawmakers lawyers lead leading legal less lessons letter letters licence
    license list lists long look lots low maker makers management manufacturing market marketing mass medical medicine
    medicines meeting members mice mid milestone minister ministry minutes mixed monitors month monthly more mother mouse
    muscle named nasal national navigation need neighbours net neurologists neurology nod non note notice novel nurse
    obesity observers obituary official open opinion oral order orphan other outcome outside overall oversight page panel
    paper parents park part partner patent patents patient patients pause pediatric people petition pharmacies pharmacy
    pill pilot pipeline pivotal placebo plan plans plant podcast policy poll positive posters poster posts potential
    preclinical press preterm previous price pricing primary priority private proceeds product products profit program
    programme programmes progress promising prescription priority proposal protein protocol psychedelic public publication
    quarter quarterly quick quiz rare rate ready real real-world recall record recruitment refusal registration registry
    regimen regulator regulators regulatory reimbursement rejection related reminder removed report reports request
    research researchers resolution response restrictions result results resubmission review revenue reviewers right
    rights risk rival rolling royal rules rumour safety sales salt scientists scientific search second senators setback
    setbacks share shares shareholders short shortage shortages site sites small society sponsor staff stakeholders start
    statement status stem step stock stop stopped storage strategic stronger strong study studies submission submitted
    success successful supply support surprise survey survival switch system table tablet tablets target team temporary
    tentative test ten termination therapy therapies thirty three timeline title toxicology traders tracker trial trials
    treatment treatments two type under university unanimous update updated updates use users vaccine vaccines verdict
    veterinary victory vials volunteer volunteers vote wall warning week weekly weeks withdrawal withdrawn women work
    workshop world worldwide year years yearly young zero advanced agencies amendment annals antiviral applause approach
    arms attempt autologous because best boost bumpy bye calm chance chances cheaper cohort collaboration commercial
    commissioner commission concern concerns congress consent course covered death deaths deadline demand designation
    despite dispute doubt doubts effect effects effort endpoint enough everything exit expansion extended extra eyes farewell
    feedback field finding findings fine finished five-year focus follow follow-up following formal freedom french fully
    further future gain given giant go go-ahead goal gold great hands hard head heart heavier high higher hit home however
    hurdle idea immediate improved increase independent information injectable injectables investigational issue issued
    issues jab key kidney knock labels land leading leaders learn level levels life like likely line liver lives living
    local longer loss lung main major male many marketers measure medication medications men mental message migraine
    minimum miss misses missing model money monthly months morning move name names narrow nearly neither neurodegenerative
    never night nothing novel number observational off older once oncology online option ordinary originator outlook own
    package paediatric pain partial partners past path pathway payers payment payments pending period phase physicians
    piece place plasma play point post power pre premature pressure previously problem process production promise proof
    proposed put question questions race rapid reason recent record-breaking red reduced reference reflection regular
    relief rescue reviewers rise road round routine rule say says schizophrenia scheme secondary self separate serious
    series severe sharp sickle side sign signal signs similar single skin sleep slow slower smaller specialist split spray
    stage standard steady stoke story subcutaneous subject such sudden supplement supplements surrogate sweden swift
    symptoms syrup talks taken taking targeted tests text thanks third-quarter thousands thus ticket time tiny together
    tolerability top top-line topline total tough track traditional transaction treated trouble trustees tumour turn
    twice twin ultra uncertain unit unlike unless unmet unusual upside urgent validation variant vial video virus vision
    volume wait walk way well what's whether wide wider win wins winner wins wrong adding added adoption aid aim almost
    alone already although always among anti approving authorises barrier begin begins biggest block branded brand
    bringing buyers campaign cardiac care carriers cautious check choice clean closing coming compare complete covering
    cover cut cuts dealing deficiency deferred denial denied diabetes direct disease disorder donors easier elsewhere
    europe-wide evaluation evidence exceptional existing experimental extending fatty favourable federal fewer filling
    firm firms force friday gets getting girls giving going got handful helped help hemophilia haemophilia hepatitis
    infants infusion inhaler insulin internal joining keeping kids lack largest latest limited limits little looking
    lower making male many marketed mature maximum meanwhile mild mission moderate monitoring moving mutation myasthenia
    near needs negative nerve newborns news newly opening orally otherwise outright owing passing paying permanent
    phase-3 planned plus possible post-marketing postpartum powder pregnancy preliminary preventive prior promising
    providing pulled pulling purchase quality raised rejected relapse remaining replacement required resumed return
    returning rollout sale seeking select seniors setting seven shot showing six-month solid spinal spotlight stable
    starting steroid stocks subsequent sufferers suspended syndrome tackling ten-year themselves though thrice throughout
    toddlers topical trading transfer treating trust uncommon unexpected union untreated upheld usual vaccination valid
    view voluntary waiting watch whole widely winning younger""".split()
)
"""Ordinary words that open headlines; a capital letter there means nothing."""

STEMS = r"""
mab|[a-z]{3}(?:bart|tug)|[aeiou]cel|temcel|nemdor|n?tinib|[abcdefgikmnoprstuvz]nib|ciclib|parib|lisib|rafenib|sertib|degib|clax|zomib|glutide|[^lp]tide|retide|natide|litide|rsen|siran|vir|cept|
tirom|fermin|stat|gliptin|gliflozin|sartan|olol|dipine|[^g]razole|prazan|conazole|prazole|nidazole|luzole|oxazole|trozole|caine|cillin|
mycin|floxacin|cycline|oxetine|triptan|gepant|lukast|setron|platin|taxel|rubicin|domide|fenac|profen|coxib|barbital|azepam|zolam|
zepam|pidem|rexant|orexant|pixant|faxine|peridone|perone|iapine|zapine|piprazole|idone|stigmine|dopa|capone|giline|tadine|relin|tropin|
poetin|grastim|teplase|kinra|formin|glitazone|glinide|semide|thiazide|lactone|prost|prednisone|sone|solone|olone|onide|[^s]terol|
tropium|trospium|phylline|arone|avone|xaban|gatran|parin|grel|limus|imod|tabine|citabine|trexate|trexed|mustine|metinib|fungin|
penem|oroquine|mectin|bendazole|loxone|quinone|udiol|omol|mendan|pexole|opidine|coplan|copan|pitant|netant|retant|dilast|
nilast|mantine|mastat|trigine|racetam|gabalin|pentin|bamate|toxin|plam|otene|luren|tamine|serin|meline|emtiv|otor|caftor|camten|renone|ciguat|
panor|orphan[^s]|oxybate|ganaxolone|ramine|cannabidiol|pentol|gabatrin|melteon|ditan|balamin|sentan|fusp|cerfont|amidis|pivat|
estrant|golix|paratide|kefalin|xibat|delpar|branor|pantel|idase|udase|ulfase|glucerase|ticase|tropetin|rilin|tropic|tretinoin|
[a-z]mciclovir|buvir|asvir|leucel|temcel|cabtagene|zimod|tolisant|sant|cetam|tulide|cobalamin|terone|profezil|fibrate|fumarate|
methorphan|phenidate|phetamine|azoline|cladine|droxidopa|nabinol|fovir|budine|vudine|citabine|lamide|lutamide|oterol|
setragine|thionine|calcet|denoson|dronate|dronic|vaptan|tolvaptan|[^a]fenone|thromycin|xacin|ciclovir|bactam|cefiderocol|phosphamide|kiren|pril
"""

SUBSTANCES = frozenset(
    """mdma lsd trehalose lithium insulin levodopa psilocybin metformin methotrexate ketamine aspirin warfarin heparin morphine
    fentanyl amphetamine colchicine valproate caffeine estradiol testosterone progesterone cannabidiol thalidomide memantine
    donepezil riluzole edaravone montelukast ranitidine quinine dofetilide ibudilast minocycline creatine midomafetamine
    pimozide perampanel mexiletine tacrolimus tacrine acthar nuplazid fluoride iron zinc paracetamol acetaminophen
    glatiramer interferon deflazacort givinostat nicotinamide tudca taurursodiol lorcaserin albuterol salbutamol tretinoin
    ulipristal valsartan ataluren eteplirsen golodirsen casimersen viltolarsen arimoclomol osimertinib
    methylphenidate lisdexamfetamine dextroamphetamine naltrexone bupropion buprenorphine methadone mifepristone
    vosoritide palovarotene govorestat epinephrine adrenaline glucagon nitroglycerin digoxin clonidine hydroxyurea
    l-glutamine voxelotor tacrolimus ciclosporin sirolimus""".split()
)
"""Substances whose name follows no stem."""

NOT_SUBSTANCES = frozenset(
    """parcel cancel excel chancel rampart stobart peptide nucleotide oligonucleotide polypeptide bromide sulfide andersen petersen pedersen iversen larsen carlsen nielsen
    christensen sorensen jensen hansen april thermostat cholesterol resistant assistant important constant significant orphan
    person comparison gyrophone reason season prison poison stat photostat biostat rheostat stone milestone postone tone alone
    disease increase database purchase release decrease phase case base phrase exclusive elvir ketone hormone telephone
    microphone someone anyone everyone cornerstone backbone triamcinolone-free clone neurotransmitter kindle apparel maximin
    vermin determine examine undermine gabapentinoid gaseous aline machine magazine medicine vaccine line mine wine nine
    topic tropic philanthropic microscopic isotropic psychotropic pleasant peasant incessant toxin neurotoxin endotoxin
    mid-april ephedrine-free glycine pharmacopeia peptides antitoxin croissant insufficiently stand-alone drone undone ozone
    capone malone simone saxophone xylophone throne cyclone prone bone gone none done zone tombstone keystone touchstone""".split()
)
