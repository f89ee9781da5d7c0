"""Which encoding a text is likely in that is not UTF-8, by the scripts and the alphabets of languages.

Korean, Japanese and Chinese are told by the scripts that the bytes would give, languages of Latin script by their alphabets:
the letters beyond ASCII are nearly all of one language. For other scripts, charset-normalizer says how much a text looks like
a language.
"""

import codecs
import re
import unicodedata

# Letters beyond ASCII, in lower case, of the languages that an encoding is made for.
LATIN = {
    "cp1252": "àâæçéèêëîïôœùûüÿ äöüßé áéíñóúüªº áâãàçéêíóôõúüªº àèéìíîòóù åäöé åæøéó éèëïóöüá àçèéíïòóúü· áðéíóúýþæö äõöüšž",
    "cp1250": "ąćęłńóśźż áčďéěíňóřšťúůýž áäčďéíĺľňóôŕšťúýž áéíóöőúüű ăâîşţ čćđšž",
    "cp1254": "çğıöşüâîûi\u0307",
    "cp1257": "ąčęėįšųūž āčēģīķļņšūž äõöüšž",
}
# Signs that touch a letter as no language has them: they are letters of another encoding.
IN_WORDS = re.compile(r"(?<=[^\W\d_])[¢-©¬-¯±´-¸¹¼-¿](?!\s)|(?<=[^\W\d_])[³¹¿](?=[^\W\d_])|[¢-©¬-¯±´-¸¹](?=[^\W\d_])")
MOSTLY = 0.98  # of the letters beyond ASCII are of one language, since names may be of others
OTHERS = ["cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp874"]
CHAOS = 0.05  # how much worse charset-normalizer's measure of mess may be than the best
COHERENT = 0.2  # the least likeness to a language
AHEAD = 0.04  # by which the likeness of the best must exceed that of others
ENOUGH = 10  # letters that show that a text is Korean
JAMO = re.compile("[ㄱ-ㅣ]")  # as in ㅋㅋ and ㅠㅠ
# The first bytes that common characters have in the older encoding of the same family.
COMMON = {"cp949": ("euc_kr", 0xB0, 0xC8), "gb18030": ("gb2312", 0xB0, 0xD7), "big5hkscs": ("big5", 0xA4, 0xC6)}


def likely_encodings(sample: bytes) -> list[str]:
    """The encodings that lines beyond ASCII could be in: one if that is sure, none if nothing fits."""
    of_one, of_any = _of_latin(sample)
    return _of_east_asia(sample) or of_one or _of_other_alphabets(sample) or of_any


def decodes(data: bytes, encoding: str) -> bool:
    """Whether these bytes are a text in this encoding."""
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def goes_on(data: bytes, encoding: str) -> bool:
    """Whether these bytes may begin a text in this encoding: the last character may be cut."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def _of_east_asia(sample: bytes) -> list[str]:
    """Those encodings of Korean, Japanese and Chinese whose own script this is written in."""
    found = []
    for name in ("cp949", "cp932", "euc_jp", "gb18030", "big5hkscs"):
        if not decodes(sample, name):
            continue
        letters = [c for c in sample.decode(name) if c > "\x7f" and unicodedata.category(c)[0] in "LC" and not JAMO.match(c)]
        if letters and _is_written_in(name, letters):
            found.append(name)
            if name == "cp949" and len(letters) >= ENOUGH:
                return found
    return found


def _is_written_in(name: str, letters: list[str]) -> bool:
    def share(belongs: "re.Pattern[str]") -> float:
        return sum(bool(belongs.match(letter)) for letter in letters) / len(letters)

    if name == "cp949":  # Chinese would give Hangul between Chinese characters, and Japanese rare syllables
        return share(re.compile("[가-힣]")) >= 0.95 and _are_common(name, letters)
    if name in ("cp932", "euc_jp"):
        return share(re.compile("[ぁ-ゖ]")) >= 0.2 and share(re.compile("[ぁ-ヿ一-龥々ー]")) >= 0.97
    return share(re.compile("[一-龥]")) >= 0.97 and _are_common(name, letters)


def _are_common(name: str, letters: list[str]) -> bool:
    """Whether nearly all are among the common characters of an encoding, which come first in it."""
    codec, first, last = COMMON[name]
    bytes_ = [(letter.encode(codec, "ignore") or b"\xff")[0] for letter in letters]
    return sum(first <= byte <= last for byte in bytes_) >= 0.95 * len(letters)


def _of_latin(sample: bytes) -> tuple[list[str], list[str]]:
    """The encodings in which the letters are those of one language, and in which they are of its languages together.

    Of those that give the same text, only the commonest.
    """
    of_one: dict[str, str] = {}
    of_any: dict[str, str] = {}
    for name, alphabets in LATIN.items():
        if decodes(sample, name):
            text = sample.decode(name)
            letters = [c for c in text.lower() if c > "\x7f" and unicodedata.category(c)[0] in "LM"] + IN_WORDS.findall(text)
            inside = [sum(letter in alphabet for letter in letters) for alphabet in (alphabets, *alphabets.split())]
            for found, count in ((of_any, inside[0]), (of_one, max(inside[1:]))):
                if count >= MOSTLY * len(letters):
                    found.setdefault(text, name)
    return list(of_one.values()), list(of_any.values())


def _of_other_alphabets(sample: bytes) -> list[str]:
    """The encoding in which the text looks most like a language, and those that are no worse; none where none does."""
    from charset_normalizer import from_bytes

    found = from_bytes(sample, cp_isolation=OTHERS, enable_fallback=False)
    least = min((match.chaos for match in found), default=0.0)
    likely = [match for match in found if match.chaos <= least + CHAOS and match.coherence >= COHERENT]
    best = max((match.coherence for match in likely), default=0.0)
    return [match.encoding for match in likely if match.coherence > best - AHEAD]
