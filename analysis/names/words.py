"""Words that no name is made of: English stop words, and what every abstract says of itself."""

from __future__ import annotations

from functools import cache

RESEARCH_WORDS = frozenset("""
abilities ability able abstract accuracy achieve achieved achieves achieving across active additional additionally
address addressed addresses addressing advance advanced advancement advancements advances aim aims allow allows
analysis analyze analyzing applicability application applications applied apply applying approach approaches art
article aspect aspects assess available average base based baseline baselines benefit benefits best better big bridge
broad build building called capabilities capability capable capture captures carefully case cases central challenge
challenges challenging collected combine combined combining common commonly comparable compare compared comparing
comparison compelling complete complex comprehensive conduct conducted consider considered consist consistent
consistently consists contain containing contrast
contribution contributions conventional correctly cost create created creating critical
crucial current currently deal demonstrate demonstrated demonstrates demonstrating demonstration depend describe
described design designed designing despite detail detailed details determine develop developed developing development
differ difference different difficult difficulty directly discuss discussed distinct diverse domain domains due easily
easy effect effective effectively effectiveness efficiency efficient efficiently effort either emerge emerging employ
employed enable enables enabling end enhance enhanced enhances enhancing ensure essential established etc evaluate
evaluated evaluating evaluation even evidence examine example examples excellent exhibit existing experiment
experimental experiments explore explored exploring extend extensive extensively facilitate fact factor factors far
field fields final finally find finding findings first focus focuses focusing following form framework frameworks full
fully furthermore future gain gains general generally given goal good great greatly group growing help helps high
higher highly however human idea ideas identify impact implement implementation implementations importance important
importantly impressive improve improved improvement improvements improves improving include includes including
increase increased increasing increasingly indicate inspired instance interest interesting introduce introduced
introduces introducing introduction investigate investigated issue issues key kind know known lack large largely
larger last lead leading leads led less level leverage leverages leveraging like likely limit limitation limitations
limited line literature little long lot lots low lower made main mainly major make makes making manner many may mean
means measure method methodology methods million millions moreover motivated much multiple namely nature necessary
need needed needs new novel number numerous objective obtain obtained obtaining offer offering offers often one ones
open order original outperform outperforming outperforms overall overcome paper papers parameter parameters part
particular particularly per perform performance performed performing performs perspective point popular possible
potential potentially powerful practical practice present presented presenting presents previous previously primarily
prior problem problems process produce produced promising propose proposed proposes proposing prove proven provide
provided provides providing public publicly purpose quality question questions range rapid rapidly rare rather real
realistic recent recently reduce reduced reduces reducing related relative relatively relies rely relying remain
remains remarkable report reported require required requires requiring research researcher researchers resource
resources respectively result resulting results reveal review reviewed rich robust role run scale scenario scenarios
scheme second section see seen set sets setting settings several short show showed showing shown shows significant
significantly similar simple simply simultaneously single small smaller solution solutions solve solving source
special specific specifically standard start state state-of-the-art step steps still straightforward strategies
strategy strength strong structure studied studies study studying sub substantial substantially success successful
successfully suffer suggest suggests suitable superior support survey surveys system systematic systematically systems
tackle take target task tasks technique techniques term terms test tested thing things thorough three thus time times
together total toward towards traditional two type types typical typically ultimately underlying understand
understanding unified unique unlike use used useful user users using usually utilize utilized utilizing valuable value
various vast verify version via view way ways well well-known whereas whether wide widely within without work works
world year years yet yield yields zero
""".split())

OPENERS = frozenset("""
cost design domain effect field human point question resource role source state structure support system target task
test time value
""".split())
"""Research words that open terms all the same: "domain adaptation", "time series", "question answering"."""

LONG_OPENERS = frozenset("general high key large long low multiple open short single small".split())
"""These open terms of three words and more: "large language models", and not "large models"."""

ARTEFACTS = frozenset("""
algorithm algorithms answer answers architecture architectures benchmark benchmarks corpora corpus data
dataset datasets feature features information input inputs knowledge label labels layer layers loss module
modules output outputs pipeline pipelines prediction predictions response responses sample samples
""".split())
"""What papers work with, whatever they are about: these close a theme's name only where nothing better does."""


HOLLOW = ARTEFACTS | frozenset("""
answering class classes learning method model models network networks training
""".split())
"""These tell something in company ("neural networks"), and nothing alone or among themselves."""

MORE_STOPWORDS = frozenset("""
al also anybody did didn do does doesn doing don dr e.g eg et however i.e ie it's just mr mrs ms our s says sir thus
via vs we
""".split())

OTHER_LANGUAGES = frozenset("""
à au aux avec ce ces cette dans de des du elle en est et eux ils je la le les leur leurs lui ma mais mes nos notre nous
ou où par pas pour qu que qui sa sans ses sont sur ta très un une vos votre vous était être
aber als am an auch auf aus bei beim bis dann das dass dem den der deren des dessen die dies diese dieser dieses durch
ein eine einem einen einer eines er es für gegen haben hat ich ihr ihre im ist kann mit nach nicht noch nur oder sich
sie sind so sowie über um und uns unter vom von vor war wenn werden wie wir wird wurde zu zum zur zwischen
al con como cual cuando de del desde donde el ella ellos en entre era es esta este esto estos fue ha han hasta hay la
las lo los más muy nos o otra otro para pero por porque que se según ser si sin sobre son su sus también un una uno y ya
ao aos as com da das do dos e em foi mais mas na nas não no nos num o os ou pela pelo pelos seu sua são um uma umas
agli ai alla alle anche che chi ci col come cui dai dal dalla degli dei del della delle di ed gli il io loro ma nei nel
nella noi nostro però più questa questo sono sua suo sugli sui sul sulla tra tutti uno voi è
""".split()) - frozenset("ai also am as den die dos em er has mas main os time war".split())
"""French, German, Spanish, Portuguese and Italian; not those that mean something in English, as letters too (AI)."""


@cache
def stopwords() -> frozenset[str]:
    """Return English stop words, which end a phrase."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    # scikit-learn's list holds these, and the field's terms do as well ("system identification").
    english = frozenset(ENGLISH_STOP_WORDS) - {"system", "bill", "computer", "fire", "interest"}
    return english | MORE_STOPWORDS | OTHER_LANGUAGES


def is_empty_word(word: str) -> bool:
    """Return whether a word says nothing about what a paper is about, alone or at the end of a phrase."""
    low = word.lower()
    if _is_empty(low):
        return True
    # "large-scale" is as empty as its parts; "in-context" is not.
    parts = low.split("-")
    return len(parts) > 1 and all(map(_is_empty, parts))


def is_empty_opening(word: str, n_words: int) -> bool:
    """Return whether a phrase of `n_words` words says nothing more for having this word before the others."""
    low = word.lower()
    if low in stopwords():
        return True
    return is_empty_word(word) and not (low in OPENERS or (n_words > 2 and low in LONG_OPENERS) or "-" in low)


def is_hollow(form: str) -> bool:
    """Return whether a normal form says nothing of its own: "learning models"."""
    return all(word in HOLLOW for word in form.split())


def _is_empty(word: str) -> bool:
    singular = word[:-1] if word.endswith("s") else word
    return word in RESEARCH_WORDS or singular in RESEARCH_WORDS or word in stopwords()
