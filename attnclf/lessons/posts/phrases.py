"""What the accounts of the sample say: words that fill slots, and templates by topic and language. All was written here."""


def listed(text: str) -> list[str]:
    """The items of a comma-separated table."""
    return [item.strip() for item in text.replace("\n", " ").split(",")]


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


# A template's {slot} takes any of these.
WORDS = {
    "place_ko": listed("""성수동, 제주, 한강, 연남동, 부산 바다, 동네, 강릉, 회사 앞, 학교 도서관, 망원시장, 집 앞 공원, 전주,
        남산, 을지로"""),
    "place_en": listed("""Seoul, Jeju, the Han river, our street, Busan, the library, Gangneung, the office, Hongdae,
        the old town, the station, the lake, grandma's village, campus"""),
    "food_ko": listed("떡볶이, 김치찌개, 크로플, 칼국수, 딸기 케이크, 삼겹살, 마라탕, 김밥, 붕어빵, 냉면, 토스트, 만두"),
    "food_en": listed("""ramen, pancakes, kimchi stew, cheesecake, noodles, fried chicken, toast, dumplings, lentil soup, tacos,
        banana bread, leftover pizza"""),
    "drink_ko": listed("라떼, 아이스 아메리카노, 밀크티, 유자차, 막걸리, 핫초코"),
    "drink_en": listed("latte, iced coffee, green tea, hot chocolate, lemonade, oat flat white"),
    "who_ko": listed("엄마랑, 친구랑, 동생이랑, 혼자, 우리 강아지랑, 남편이랑, 팀 사람들이랑, 고양이랑, 아빠랑, 룸메랑"),
    "who_en": listed("""with mom, with my dog, with friends, alone, with my sister, with the team, with the kids, with dad,
        with my roommate, with my husband"""),
    "pet_ko": listed("콩이, 보리, 두부, 나비, 호두, 초코"),
    "pet_en": listed("Biscuit, Mochi, Olive, Pickle, Momo, the neighbour's cat"),
    "feel_ko": listed("""너무 좋았다, 행복했음, 피곤하다, 또 가고 싶다, 그냥 그랬어, 눈물 났다, 웃겨 죽는 줄, 살 것 같다,
        아쉽네, 역시 집이 최고, 내일은 쉬자"""),
    "feel_en": listed("""loved it, so tired, want to go back, it was fine, cried a little, best day, can't complain, meh,
        my legs hurt, worth it, never again"""),
    "time_ko": listed("오늘, 어제, 주말에, 퇴근하고, 아침부터, 오랜만에, 드디어, 새벽에, 점심에"),
    "time_en": listed("today, yesterday, this weekend, after work, finally, early morning, last night, tonight, at lunch"),
    "thing_ko": listed("산책, 등산, 시험공부, 집 청소, 야근, 운동, 빨래, 달리기, 베이킹, 이사 준비, 뜨개질, 분갈이"),
    "thing_en": listed("""a walk, hiking, exam prep, cleaning, overtime, the gym, laundry, a run, baking, moving, knitting,
        a long drive"""),
    "goods_ko": listed("수제 쿠키, 뜨개 가방, 도자기 컵, 향초, 엽서, 꽃다발, 반려견 간식, 비누"),
    "goods_en": listed("cookies, knitted bags, ceramic cups, candles, postcards, bouquets, dog treats, soap"),
    "used_ko": listed("책상, 자전거, 겨울 코트, 전공책, 화분, 기타"),
    "used_en": listed("desk, bike, winter coat, textbooks, plants, guitar"),
    "event_ko": listed("밴드 공연, 졸업 전시, 플리마켓, 자선 달리기, 학교 축제, 연극"),
    "event_en": listed("band's gig, graduation show, flea market, charity run, school fair, play"),
    "saying_ko": listed("""쉬어 가도 괜찮다, 천천히 가도 간다, 오늘의 나를 믿자, 작은 것이 모인다, 웃으면 하루가 길다,
        비 온 뒤에 걷자, 물 한 잔부터 마시자, 안 되면 내일 하자"""),
    "saying_en": listed("""start small and start today, slow is still forward, trust your own morning, little things add up,
        rest is also work, drink water and call your mother, tomorrow is long, be kind to the tired"""),
    "gain_ko": listed("팔로워, 좋아요, 조회수, 인기 게시물, 실계정 팔로워, 맞팔"),
    "gain_en": listed("followers, likes, views, real followers, story views, verified badge"),
    "money_ko": listed("수익, 부업, 재테크, 코인, 월 300, 당일 정산, 투자, 원금 보장"),
    "money_en": listed("profit, passive income, crypto, forex signals, daily payout, investment, side hustle, bitcoin"),
    "call_ko": listed(
        "DM 주세요, 프로필 링크 확인, 카톡 문의, 오픈채팅 들어오세요, 링크 클릭, 상담 무료, 선착순 마감, 댓글 남겨주세요"
    ),
    "call_en": listed("""DM me, link in bio, message now, click the link, join my channel, limited spots, text me on telegram,
        comment below"""),
    "n": listed("10, 50, 100, 500, 1000, 3000, 10k, 5천, 1만"),
    "few": listed("2, 3, 5, 8, 10, 12, 20, 50"),
}

# Ordinary life.
DAILY = {
    "ko": lines("""
{time_ko} {place_ko}에서 {food_ko} 먹었는데 {feel_ko}
{time_ko} {place_ko}에서 {drink_ko} 마셨는데 {feel_ko}
{time_ko} {who_ko} {thing_ko} {feel_ko}
{place_ko} {food_ko} 맛집 찾음 {feel_ko}
{thing_ko} 끝! {feel_ko}
{who_ko} {place_ko} 다녀옴. {food_ko}도 먹고 {feel_ko}
{time_ko} {place_ko} 노을 {feel_ko}
{who_ko} {thing_ko} 하다가 {food_ko} 먹으러 옴
비 와서 {place_ko} 못 가고 집에서 {food_ko}, {feel_ko}
{time_ko} {thing_ko} 하려고 했는데 잠들었다
지하철 놓쳐서 {place_ko}까지 걸어감, {feel_ko}
엄마가 "{thing_ko} 언제 하니" 하셔서 {time_ko} 함
{time_ko} {drink_ko} 두 잔째인데 아직도 졸리다
{pet_ko}가 또 화분 엎었다, {feel_ko}
{time_ko} {pet_ko} 병원 다녀옴. 주사 맞고 삐져 있다
{time_ko} 버스에서 졸다가 {place_ko} 지나침
감기 걸려서 {food_ko}만 먹는 중
{who_ko} 사진 정리하다가 {place_ko} 사진 발견, {feel_ko}
"""),
    "en": lines("""
{time_en} {thing_en} {who_en}, {feel_en}
{food_en} in {place_en} {who_en}. {feel_en}
{time_en} i had {food_en} and then {thing_en}. {feel_en}
no plans {time_en}, just {food_en} and {thing_en}
missed the bus and walked to {place_en}, {feel_en}
{pet_en} ate my {food_en} {time_en}
took {pet_en} to the vet {time_en}, she hates me now
mom said "one more {drink_en} and no sleep". {time_en} she was right
burnt the {food_en} again, ordered {food_en} instead
{place_en} {who_en} {time_en}. {feel_en}
third {drink_en} {time_en} and still sleepy
rain all day, so {thing_en} and {food_en}
found an old photo of {place_en}, {feel_en}
{thing_en} done! {feel_en}
how is {place_en} always this crowded, {feel_en}
fell asleep on the train {time_en} and woke up past {place_en}
sick, so only {food_en} and {drink_en} {time_en}
"""),
    "both": lines("""
{time_ko} {thing_en} 하고 {drink_en} 한 잔 {feel_ko}
{place_en} {who_en} 🥹 {feel_ko}
{pet_ko} and {food_en} {time_en}, {feel_ko}
"""),
}
# Says nothing. People write it now and then, and accounts that must look alive write it often.
FILLER = {
    "ko": lines("""
좋은 하루 되세요, 저는 {place_ko} 갑니다
오늘도 화이팅, {thing_ko} 하시는 분들 힘내세요
여러분 점심은 뭐 드셨나요? 저는 {food_ko}
{food_ko} vs {food_ko}, 여러분의 선택은?
소통해요, {place_ko} 사진 자주 올려요
오늘의 한마디: "{saying_ko}"
{time_ko} 드는 생각, {saying_ko}
{place_ko} 어디가 제일 예쁜가요? 추천 부탁드려요
주말 잘 보내세요, {food_ko} 꼭 드시고요
{drink_ko} 좋아하는 분 손! {food_ko}도 같이요
{place_ko} 풍경, 힐링 되시길
"""),
    "en": lines("""
good morning everyone, {drink_en} first and have a nice day
new week, new goals: {thing_en} and {thing_en}
{food_en} or {food_en}? tell me below
what are you grateful for {time_en}?
quote of the day: "{saying_en}"
{time_en} i think: {saying_en}
{place_en} views with {drink_en}
who else loves {drink_en} and {food_en}?
happy weekend to all my friends in {place_en}
where should i go next, {place_en} or {place_en}?
just good vibes and {thing_en}
"""),
    "both": lines("""
good morning, {drink_en} 마시고 좋은 하루 되세요
{place_en} 풍경, have a nice day
"""),
}
# People who ask for something for once: a friend's concert, a raffle, a bike to give away.
FAVOUR = {
    "ko": lines("""
친구 {event_ko} 해요, {place_ko}에서! 예매는 {call_ko}
동생 {event_ko} 티켓 {few}장 남음, 필요한 사람 {call_ko}
댓글 다신 분 중 {few}명께 {goods_ko} 보내드려요, 제가 만든 거라 작아요
이사 가서 {used_ko} 나눔해요, {call_ko}
{thing_ko} 모임 같이 하실 분? 선착순 {few}명
아는 언니가 {place_ko}에 카페 열었어요, 놀러 가주세요 {call_ko}
{used_ko} 팔아요 거의 새 거, {call_ko}
"""),
    "en": lines("""
my friend's {event_en} is {time_en} in {place_en}, tickets: {call_en}
{few} tickets left for the {event_en}, {call_en}
raffle! comment and i send {goods_en} to {few} of you
giving away my {used_en} before we move, {call_en}
looking for {few} people for {thing_en} {time_en}, {call_en}
my cousin opened a cafe near {place_en}, please go
selling my {used_en}, almost new. {call_en}
"""),
    "both": lines("""
친구 {event_en} in {place_en}, {call_ko}
"""),
}
# Small shops of real people.
SHOP = {
    "ko": lines("""
{goods_ko} 예약 받아요, {call_ko}
이번 주 {goods_ko} {few}개 한정이에요. 주문은 {call_ko} :)
팔로우 이벤트! {goods_ko} 보내드려요 좋아요 눌러주세요
{thing_ko} 클래스 열어요, 문의는 DM 주세요
{goods_ko} 포장하다가 새벽, 그래도 {feel_ko}
팔로워 {n}명 감사합니다! {goods_ko} 이벤트 해요 {call_ko}
"""),
    "en": lines("""
new batch of {goods_en} {time_en}! {call_en} to order
{goods_en} restock, only {few} left. {call_en}
thank you for {n} followers! giving away {goods_en}
packing {goods_en} {who_en}, {feel_en}
shop closed {time_en}, sorry! orders by DM
pop up at {place_en} {time_en}, come see the {goods_en}
"""),
    "both": lines("""
{goods_en} restock! 주문은 {call_ko}
"""),
}
# Followers and money for sale.
SELLING = {
    "ko": lines("""
{gain_ko} {n} 늘려드려요 {call_ko}
{gain_ko} {gain_ko} 최저가 {n}개 {call_ko}
{money_ko} {money_ko} 궁금하면 {call_ko}
하루 10분 {money_ko} {n} 가능, {call_ko}
누구나 {money_ko}, 경험 없어도 {call_ko}
{n} 넣었는데 {money_ko}, 비법은 {call_ko}
"""),
    "en": lines("""
get {n} {gain_en} fast, {call_en}
{gain_en} and {gain_en} cheap price {call_en}
i made {n} with {money_en}, {call_en}
{money_en} from home, no experience. {call_en}
ask me how i got {n} {gain_en}, {call_en}
"{money_en} changed my life" and it can change yours, {call_en}
"""),
    "both": lines("""
{gain_ko} {gain_en} {n} 이벤트 {call_en}
누구나 {money_ko} {call_ko} {call_en}
follow for follow, {gain_ko} {n} {call_ko}
"""),
}
# Friendly words that end in an invitation; shops and favours sound much alike.
COAXING = {
    "ko": lines("""
{time_ko} {place_ko} 다녀왔어요, 궁금하면 {call_ko}
{food_ko} 좋아하는 분? 저랑 친구해요 {call_ko}
사진 너무 예뻐요 협찬 제안드려요 {call_ko}
{goods_ko} 무료 체험단 {few}명, {call_ko}
{thing_ko} 하면서 {money_ko}까지, {feel_ko}
이벤트! 댓글 다신 분 {few}명께 {goods_ko}, {call_ko}
{who_ko} 시작했는데 인생이 달라짐, {call_ko}
"""),
    "en": lines("""
hello dear, {time_en} {feel_en}, {call_en}
love your photos! {call_en} for a collab
{goods_en} giveaway for {few} people {call_en}
{thing_en} changed my life, ask me how. {call_en}
{place_en} {who_en}, and all of it free. {call_en}
looking for {few} people who want to travel, {call_en}
new here, who wants to be friends? {call_en}
"""),
    "both": lines("""
love your photos, 협찬 제안드려요 {call_ko}
"""),
}
TOPICS = {"daily": DAILY, "filler": FILLER, "favour": FAVOUR, "shop": SHOP, "selling": SELLING, "coaxing": COAXING}

NAMES = listed("mina, jun, haru, so.yeon, dan, luv, kim, park, coffee, daily")
TAGS = {
    "ko": listed("#일상, #데일리, #맛집, #주말, #산책, #강아지, #먹스타그램, #daily"),
    "en": listed("#daily, #weekend, #ootd, #baking, #dogs, #foodie, #walks, #seoul"),
}
TAGS_FOR_SHOW = {
    "ko": listed("#선팔, #맞팔, #소통, #부업, #좋반, #일상, #데일리, #맛집, #f4f"),
    "en": listed("#f4f, #follow4follow, #like4like, #crypto, #daily, #foodie, #travel, #love"),
}
EMOJI = listed("😂, 🥹, ☕, 🐶, 🌊, 😭, 🍰, 👍🏽, ❤️, 🙏")
EMOJI_FOR_SHOW = listed("🔥, 💰, 🚀, 💎, 👇, ❤️, ✨, 🎁, 📈, 🙏")
LAUGHTER = {"ko": listed("ㅋㅋ, ㅋㅋㅋㅋ, ㅠㅠ, ..., ~, !!, ㅎㅎ"), "en": [" lol", " haha", "...", "!!", " omg", " :)"]}
for table in (TAGS, TAGS_FOR_SHOW, LAUGHTER):
    table["both"] = table["ko"] + table["en"]
