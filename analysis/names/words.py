"""Words that no name is made of: English stop words, and what every abstract says of itself."""

from __future__ import annotations

from functools import cache

RESEARCH_WORDS = frozenset("""
ability able abstract accuracy achieve achieved achieves achieving across active additional additionally address
addressed addresses addressing advance advanced advancement advancements advances aim aims allow allows analysis
analyze analyzing applicability application applications applied apply applying approach approaches art article aspect
aspects assess available average base based baseline baselines benefit benefits best better big bridge broad build
building called capabilities capability capable capture captures carefully case cases central challenge challenges
challenging collected combine combined combining common commonly comparable compare compared comparing comparison
compelling complete complex comprehensive conduct conducted consider considered consistent consistently contain
containing contrast contribution contributions conventional correctly cost create created creating critical crucial
current currently deal demonstrate demonstrated demonstrates demonstrating demonstration depend describe described
design designed designing despite detail detailed details determine develop developed developing development differ
difference different difficult difficulty directly discuss discussed distinct diverse domain domains due easily easy
effect effective effectively effectiveness efficiency efficient efficiently effort either emerge emerging employ
employed enable enables enabling enhance enhanced enhances enhancing ensure essential established etc evaluate
evaluated evaluating evaluation even evidence examine example examples excellent exhibit existing experiment
experimental experiments explore explored exploring extend extensive extensively facilitate fact factor factors far
field fields final finally find finding findings first focus focuses focusing following form framework frameworks full
fully furthermore future gain gains general generally given goal good great greatly group growing help helps high
higher highly however human idea ideas identify impact implement implementation implementations importance important
importantly impressive improve improved improvement improvements improves improving include includes including
increase increased increasing increasingly indicate inspired instance interest interesting introduce introduced
introduces introducing introduction investigate investigated issue issues key kind know known lack large largely
larger last lead leading leads led less level leverage leverages leveraging like likely limit limitation limitations
limited line literature little long low lower made main mainly major make makes making manner many may mean means
measure method methodology methods million millions moreover motivated much multiple namely nature necessary need
needed needs new novel number numerous objective obtain obtained obtaining offer offering offers often one open order
original outperform outperforming outperforms overall overcome paper papers part particular particularly per perform
performance performed performing performs perspective point popular possible potential potentially powerful practical
practice present presented presenting presents previous previously primarily prior problem problems process produce
produced promising propose proposed proposes proposing prove proven provide provided provides providing public
publicly purpose quality question questions range rapid rapidly rare rather real realistic recent recently reduce
reduced reduces reducing related relative relatively relies rely relying remain remains remarkable report reported
require required requires requiring research researcher researchers resource resources respectively result resulting
results reveal review reviewed rich robust role run scale scenario scenarios scheme second section see seen set sets
setting settings several short show showed showing shown shows significant significantly similar simple simply
simultaneously single small smaller solution solutions solve solving source space special specific specifically
standard start state state-of-the-art step steps still straightforward strategies strategy strength strong structure
studied studies study studying sub substantial substantially success successful successfully suffer suggest suggests
suitable superior support survey surveys system systematic systematically systems tackle take target task tasks
technique techniques term terms test tested thorough three thus time times together total toward towards traditional
two type types typical typically ultimately underlying understand understanding unified unique unlike use used useful
user users using usually utilize utilized utilizing valuable value various vast verify version via view way ways well
well-known whereas whether wide widely within without work works world year years yet yield yields zero
""".split())

ARTEFACTS = frozenset("""
algorithm algorithms answer answers architecture architectures benchmark benchmarks corpora corpus data
dataset datasets feature features information input inputs knowledge label labels layer layers loss module
modules output outputs pipeline pipelines prediction predictions response responses sample samples
""".split())
"""What papers work with, whatever they are about: these close a theme's name only where nothing better does."""


@cache
def stopwords() -> frozenset[str]:
    """Return English stop words, which end a phrase."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    extra = {"et", "al", "e.g", "i.e", "eg", "ie", "vs", "via", "it's", "we", "our", "s", "also", "however", "thus"}
    # scikit-learn's list holds these, and the field's terms do as well ("system identification").
    return frozenset(ENGLISH_STOP_WORDS) - {"system", "bill", "computer", "fire", "interest"} | extra


def is_empty_word(word: str) -> bool:
    """Return whether a word says nothing about what a paper is about."""
    return word.lower() in RESEARCH_WORDS or word.lower() in stopwords()
