"""Which language a text is in, as far as its script or its commonest words tell. A text of few such words has none."""

import re

# Scripts that one language has for the most part, by their letters.
BY_SCRIPT = {
    "Korean": re.compile("[가-힣]"),
    "Japanese": re.compile("[ぁ-ゖァ-ヺ]"),
    "Chinese": re.compile("[㐀-鿿]"),
    "Thai": re.compile("[ก-๛]"),
    "Greek": re.compile("[Ͱ-Ͽ]"),
    "Hebrew": re.compile("[א-ת]"),
    "Arabic or Persian": re.compile("[ء-ي]"),
    "Hindi": re.compile("[ऀ-ॿ]"),
}
# Languages that share a script, by words that the others do not have.
BY_WORDS = {
    "English": "the and is are was of to this that with for you it have not be on my we they i your what how",
    "German": "der die das und ist nicht ich ein eine mit auf für den dem sie wir auch zu von es aber",
    "French": "le les des est et une dans pour pas que qui avec sur je vous nous mais ce sont du très",
    "Spanish": "el los las es y una por con para que no del muy pero como está más lo mi su",
    "Italian": "il gli è e una per con che non di del della sono ma come molto questo mi ho anche",
    "Portuguese": "os as é e uma por com para que não do da em muito mas como são mais eu isso",
    "Dutch": "het een van en is niet dat op te met voor zijn ik je maar ook aan naar wij deze",
    "Turkish": "bir ve bu için çok ama değil ile daha ne gibi var ben mi olarak kadar",
    "Indonesian": "yang dan di ini itu dengan untuk tidak dari saya akan pada adalah juga ada",
    "Russian": "и в не на что я с это как но он она все так мы по из за для был",
    "Ukrainian": "і в не на що я з це як але він вона все так ми по із для був та",
}
WORDS = {language: frozenset(words.split()) for language, words in BY_WORDS.items()}
LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
LEAST_SHARE = 0.3  # of the letters, for a script to decide
FEWEST_WORDS = 2  # that only the language has


def language_of(text: str) -> str:
    """The language of a text; "" where it cannot be told."""
    letters = sum(map(str.isalpha, text))
    for language, pattern in BY_SCRIPT.items():
        if letters and len(pattern.findall(text)) >= LEAST_SHARE * letters:
            return language
    words = set(map(str.casefold, LETTERS.findall(text)))
    hits = sorted(((len(words & known), language) for language, known in WORDS.items()), reverse=True)
    (most, language), (next_most, _) = hits[:2]
    return language if most >= FEWEST_WORDS and most > next_most else ""
