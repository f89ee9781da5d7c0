"""Writes train.csv and test.csv: synthetic posts of 400 accounts, real and fake, in Korean, English and both at once."""

import csv
import random
from pathlib import Path

ACCOUNTS, TEST_ACCOUNTS, SEED = 400, 100, 7
POSTS_EACH = (7, 13)
Slots = dict[str, list[str]]

WORDS: Slots = {
    "place_ko": [
        "성수동",
        "제주",
        "한강",
        "연남동",
        "부산 바다",
        "동네",
        "강릉",
        "회사 앞",
        "학교 도서관",
        "망원시장",
        "집 앞 공원",
    ],
    "place_en": ["Seoul", "Jeju", "the Han river", "our street", "Busan", "the library", "Gangneung", "the office", "Hongdae"],
    "food_ko": [
        "라떼",
        "떡볶이",
        "김치찌개",
        "크로플",
        "칼국수",
        "딸기 케이크",
        "삼겹살",
        "마라탕",
        "김밥",
        "아이스 아메리카노",
    ],
    "food_en": ["latte", "ramen", "pancakes", "kimchi stew", "cheesecake", "noodles", "iced coffee", "fried chicken", "toast"],
    "who_ko": ["엄마랑", "친구랑", "동생이랑", "혼자", "우리 강아지랑", "남편이랑", "팀 사람들이랑", "고양이랑"],
    "who_en": ["with mom", "with my dog", "with friends", "alone", "with my sister", "with the team", "with the kids"],
    "feel_ko": [
        "너무 좋았다",
        "행복했음",
        "피곤하다",
        "또 가고 싶다",
        "그냥 그랬어",
        "눈물 났다",
        "웃겨 죽는 줄",
        "살 것 같다",
        "아쉽네",
    ],
    "feel_en": [
        "loved it",
        "so tired",
        "want to go back",
        "it was fine",
        "cried a little",
        "best day",
        "can't complain",
        "meh",
    ],
    "time_ko": ["오늘", "어제", "주말에", "퇴근하고", "아침부터", "오랜만에", "드디어", "새벽에", "점심에"],
    "time_en": [
        "today",
        "yesterday",
        "this weekend",
        "after work",
        "finally",
        "early morning",
        "long time no see but",
        "tonight",
    ],
    "thing_ko": ["산책", "등산", "시험공부", "집 청소", "야근", "운동", "영화", "전시회", "베이킹", "이사 준비"],
    "thing_en": [
        "a walk",
        "hiking",
        "exam prep",
        "cleaning",
        "overtime",
        "the gym",
        "a movie",
        "an exhibition",
        "baking",
        "moving",
    ],
    "goods_ko": ["수제 쿠키", "뜨개 가방", "도자기 컵", "향초", "엽서", "꽃다발", "반려견 간식", "비누"],
    "goods_en": ["cookies", "knitted bags", "ceramic cups", "candles", "postcards", "bouquets", "dog treats", "soap"],
    "gain_ko": ["팔로워", "좋아요", "조회수", "인기 게시물", "실계정 팔로워", "맞팔"],
    "gain_en": ["followers", "likes", "views", "real followers", "story views", "verified badge"],
    "money_ko": ["수익", "부업", "재테크", "코인", "월 300", "당일 정산", "투자", "원금 보장"],
    "money_en": ["profit", "passive income", "crypto", "forex signals", "daily payout", "investment", "side hustle", "bitcoin"],
    "call_ko": ["DM 주세요", "프로필 링크 확인", "카톡 문의", "오픈채팅 들어오세요", "링크 클릭", "상담 무료", "선착순 마감"],
    "call_en": [
        "DM me",
        "link in bio",
        "message now",
        "click the link",
        "join my channel",
        "limited spots",
        "text me on telegram",
    ],
    "n": ["10", "50", "100", "500", "1000", "3000", "10k", "5천", "1만"],
}
DAILY = [
    "{time_ko} {place_ko}에서 {food_ko} 먹었는데 {feel_ko}",
    "{time_ko} {who_ko} {thing_ko} {feel_ko}",
    "{place_ko} {food_ko} 맛집 찾음 {feel_ko}",
    "{thing_ko} 끝! {feel_ko}",
    "{who_ko} {place_ko} 다녀옴. {food_ko}도 먹고 {feel_ko}",
    "{time_en} {thing_en} {who_en}, {feel_en}",
    "{food_en} in {place_en} {who_en}. {feel_en}",
    "{time_en} i had {food_en} and then {thing_en}. {feel_en}",
    "{time_ko} {thing_en} 하고 {food_en} 한 잔 {feel_ko}",
    "{place_en} {who_en} 🥹 {feel_ko}",
    "{time_ko} {place_ko} 노을 {feel_ko}",
    "no plans {time_en}, just {food_en} and {thing_en}",
]
SHOP = [
    "{goods_ko} 예약 받아요, {call_ko}",
    "이번 주 {goods_ko} {n}개 한정이에요. 주문은 {call_ko} :)",
    "new batch of {goods_en} {time_en}! {call_en} to order",
    "{goods_en} restock, only {n} left. {call_en}",
    "팔로우 이벤트! {goods_ko} 보내드려요 좋아요 눌러주세요",
    "thank you for {n} followers! giving away {goods_en}",
    "{thing_ko} 클래스 열어요, 문의는 DM 주세요",
]
SELLING = [
    "{gain_ko} {n} 늘려드려요 {call_ko}",
    "{gain_ko} {gain_ko} 최저가 {n}개 {call_ko}",
    "{money_ko} {money_ko} 궁금하면 {call_ko}",
    "하루 10분 {money_ko} {n} 가능, {call_ko}",
    "get {n} {gain_en} fast, {call_en}",
    "{gain_en} and {gain_en} cheap price {call_en}",
    "i made {n} with {money_en}, {call_en}",
    "{money_en} from home, no experience. {call_en}",
    "{gain_ko} {gain_en} {n} 이벤트 {call_en}",
    "누구나 {money_ko} {call_ko} {call_en}",
]
COAXING = [
    "{time_ko} {place_ko} 다녀왔어요 {call_ko}",
    "hello dear, {time_en} {feel_en}, {call_en}",
    "{food_ko} 좋아하는 분? 저랑 친구해요 {call_ko}",
    "love your photos! {call_en} for a collab",
    "사진 너무 예뻐요 협찬 제안드려요 {call_ko}",
    "{goods_en} giveaway for {n} people {call_en}",
    "{goods_ko} 무료 체험단 {n}명 {call_ko}",
    "{thing_en} changed my life, ask me how {call_en}",
    "{thing_ko} 하면서 {money_ko}까지 {feel_ko}",
]
TAGS_REAL = ["#일상", "#daily", "#맛집", "#주말", "#산책", "#ootd", "#강아지", "#baking"]
TAGS_FAKE = ["#선팔", "#맞팔", "#f4f", "#follow4follow", "#일상", "#daily", "#부업", "#crypto", "#like4like", "#맛집"]
EMOJI_REAL = ["😂", "🥹", "☕", "🐶", "🌊", "😭", "🍰", "👍🏽", "❤️", "🙏"]
EMOJI_FAKE = ["🔥", "💰", "🚀", "💎", "👇", "❤️", "✨", "🎁", "📈", "🙏"]
LOOKALIKES = {"o": "0", "e": "3", "i": "1", "l": "I", "a": "@", "s": "$"}
HIDDEN = ["\u200b", "\u2060", "\u200c"]


def fill(template: str, rng: random.Random) -> str:
    for slot, words in WORDS.items():
        while "{" + slot + "}" in template:
            template = template.replace("{" + slot + "}", rng.choice(words), 1)
    return template


def mistype(text: str, rng: random.Random) -> str:
    """What thumbs do: a letter doubled, dropped or swapped with its neighbour, a missing space."""
    i = rng.randrange(max(1, len(text) - 1))
    pair = text[i : i + 2]
    return text[:i] + rng.choice([pair[:1] * 2 + pair[1:], pair[1:], pair[::-1], pair.replace(" ", "")]) + text[i + 2 :]


def chat(text: str, rng: random.Random) -> str:
    """Laughter, tears and trailing dots of people who write to friends."""
    return text + rng.choice(["ㅋㅋ", "ㅋㅋㅋㅋ", "ㅠㅠ", "...", " lol", " haha", "~", "!!", " ㅎㅎ"])


def disguise(text: str, rng: random.Random) -> str:
    """Hides one long word from filters: look-alike letters, dots or spaces between characters, invisible characters."""
    words = text.split(" ")
    i = max(range(len(words)), key=lambda k: (len(words[k]), rng.random()))
    kind = rng.randrange(4)
    if kind == 0:
        words[i] = "".join(LOOKALIKES.get(c, c) if rng.random() < 0.6 else c for c in words[i])
    elif kind == 1:
        words[i] = rng.choice([".", " ", "·", "_"]).join(words[i])
    elif kind == 2:
        words[i] = rng.choice(HIDDEN).join(words[i])
    else:
        words[i] = "".join(rng.choice([c.upper(), c.lower()]) for c in words[i])
    return " ".join(words)


def decorate(text: str, tags: list[str], emoji: list[str], rng: random.Random) -> str:
    if rng.random() < 0.35:
        text += " " + "".join(rng.choices(emoji, k=rng.randint(1, 3)))
    if rng.random() < 0.3:
        text += " " + " ".join(rng.sample(tags, rng.randint(1, 3)))
    return text


def real_post(rng: random.Random, shop: bool) -> str:
    text = fill(rng.choice(SHOP if shop and rng.random() < 0.5 else DAILY), rng)
    if rng.random() < 0.4:
        text = chat(text, rng)
    if rng.random() < 0.4:
        text = mistype(text, rng)
    if rng.random() < 0.02:
        text = disguise(text, rng)  # some people just write like that
    return decorate(text, TAGS_REAL if rng.random() < 0.9 else TAGS_FAKE, EMOJI_REAL, rng)


def fake_post(rng: random.Random, coaxing: bool) -> str:
    if rng.random() < 0.2:  # copied from somebody, so that the account looks alive
        text = fill(rng.choice(DAILY), rng)
        if rng.random() < 0.2:
            text = chat(text, rng)
        return decorate(text, TAGS_REAL if rng.random() < 0.4 else TAGS_FAKE, EMOJI_REAL, rng)
    text = fill(rng.choice(COAXING if rng.random() < (0.8 if coaxing else 0.25) else SELLING), rng)
    if rng.random() < 0.45:
        text = disguise(text, rng)
    if rng.random() < 0.15:
        text = mistype(text, rng)
    return decorate(text, TAGS_FAKE, EMOJI_FAKE if rng.random() < 0.6 else EMOJI_REAL, rng)


def posts_of(number: int, rng: random.Random) -> list[tuple[str, str, str]]:
    """All posts of one account; even numbers are real, odd ones fake."""
    label = "real" if number % 2 == 0 else "fake"
    name = rng.choice(["mina", "jun", "haru", "so.yeon", "dan", "luv", "kim", "park", "coffee", "daily"]) + f"_{number:03d}"
    habit = rng.random() < (0.25 if label == "real" else 0.5)  # a small shop; a coaxer rather than a seller
    write = real_post if label == "real" else fake_post
    return [(name, write(rng, habit), label) for _ in range(rng.randint(*POSTS_EACH))]


def main() -> None:
    rng = random.Random(SEED)
    accounts = [posts_of(number, rng) for number in range(ACCOUNTS)]
    rng.shuffle(accounts)
    for name, part in (("test", accounts[:TEST_ACCOUNTS]), ("train", accounts[TEST_ACCOUNTS:])):
        rows = [row for account in part for row in account]
        rng.shuffle(rows)
        with (Path(__file__).parent / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerows([("account", "text", "label"), *rows])


if __name__ == "__main__":
    main()
