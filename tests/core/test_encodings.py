"""Every common encoding is found out, with and without a mark, in long texts and short ones."""

import codecs

import pytest

from core.errors import InputError
from core.readers.encodings import decode

RUSSIAN = "Сегодня утром мы пошли в парк. Погода была хорошая, и дети играли с мячом у реки."
JAPANESE = "今日は朝から公園に行きました。天気がよくて、子どもたちは川のそばでボール遊びをしていました。"
CHINESE = "今天早上我们去了公园。天气很好,孩子们在河边玩球。"
WRITTEN = [
    ("cp1252", "Windows-1252", "Heute früh gingen wir in den Park. Die Kinder spielten Fußball am Fluss – “so”."),
    ("cp1252", "Windows-1252", "El niño salió de la habitación y corrió hacia el jardín, donde su mamá leía."),
    ("cp1252", "Windows-1252", "L'été à la mer, les élèves étaient très heureux d'être là où il fallait."),
    ("cp1250", "Windows-1250", "Dziś rano poszliśmy do parku. Pogoda była piękna, a dzieci grały w piłkę nad rzeką. Źdźbło żółte."),
    ("cp1251", "Windows-1251", RUSSIAN),
    ("koi8-r", "KOI8-R", RUSSIAN),
    ("cp1253", "Windows-1253", "Σήμερα το πρωί πήγαμε στο πάρκο. Ο καιρός ήταν καλός και τα παιδιά έπαιζαν με τη μπάλα."),
    ("cp1254", "Windows-1254", "Bugün sabah parka gittik. Hava güzeldi ve çocuklar nehir kıyısında top oynuyorlardı. İşığı şöyle."),
    ("cp1255", "Windows-1255", "הבוקר הלכנו לפארק. מזג האוויר היה נעים והילדים שיחקו בכדור ליד הנהר."),
    ("cp1256", "Windows-1256", "ذهبنا هذا الصباح إلى الحديقة. كان الطقس جميلا وكان الأطفال يلعبون بالكرة."),
    ("shift_jis", "Shift-JIS", JAPANESE),
    ("euc-jp", "EUC-JP", JAPANESE),
    ("gb18030", "GB18030", CHINESE),
    ("big5", "Big5", "今天早上我們去了公園。天氣很好,孩子們在河邊玩球。"),
    ("euc-kr", "EUC-KR", "오늘 아침에 우리는 공원에 갔다. 날씨가 좋아서 아이들은 강가에서 공놀이를 했다."),
]


@pytest.mark.parametrize(("codec", "name", "text"), WRITTEN, ids=[f"{name}-{k}" for k, (_, name, _) in enumerate(WRITTEN)])
@pytest.mark.parametrize("before", ["", "plain, plain\n" * 20_000], ids=["alone", "late"])
def test_narrow_encodings_are_told_apart(codec: str, name: str, text: str, before: str) -> None:
    assert decode((before + text).encode(codec), "x.txt") == (before + text, name)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", ["plain letters only", RUSSIAN, "Grüße, naïve café", CHINESE + "\n1,2\n" * 20])
def test_wide_encodings_need_no_mark(codec: str, text: str) -> None:
    assert decode(text.encode(codec), "x.txt") == (text, codec[:6].upper())
    mark = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE, "utf-32-le": codecs.BOM_UTF32_LE}.get(
        codec, codecs.BOM_UTF32_BE
    )
    assert decode(mark + text.encode(codec), "x.txt") == (text, codec[:6].upper())


@pytest.mark.parametrize(
    "text", ["naïve café", "“so”", "Ein Fluß.", "Åse på øya", "Müller;12,5\nGröße;3", "x;y\n5;€ 3\n", "20 °C; 5 µm", "it’s – well…", "à la"]
)
def test_a_few_accented_letters_are_western(text: str) -> None:
    assert decode(text.encode("cp1252"), "x.txt") == (text, "Windows-1252")


@pytest.mark.parametrize(
    ("codec", "text"),
    [("cp1251", "дата;цена\n1;2\n2;3\n"), ("cp932", "日付;値段\n1;2\n"), ("gb18030", "日期,价格\n1,2\n"), ("cp1250", "Łódź;5\nżółw;3")],
)
def test_a_short_header_is_enough_for_others(codec: str, text: str) -> None:
    assert decode(text.encode(codec), "x.csv")[0] == text


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\1\2", b"PK\x03\x04" + bytes(range(256)) * 8, bytes(200), b"\x7fELF\2\1\1" + b"\0" * 9]
)
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(InputError, match=r"x\.txt: is not a text file: a \.txt or \.csv is needed"):
        decode(data, "x.txt")
