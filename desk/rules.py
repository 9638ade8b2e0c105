"""What the desk makes of typed text. Pure."""

from members.rules import asked, is_card_number


def fields_for_new_file(typed: str) -> dict[str, str]:
    """Where a search that found nothing belongs in the form of a new patient file.

    Pinyin, the end of a number and a card belong nowhere.
    """
    digits = typed.replace("-", "").replace(" ", "")
    if not typed.isascii():
        return {"name": typed}
    if is_card_number(digits) or asked(typed).tail or typed.isalpha() and typed.islower():
        return {}
    if len(digits) == 18 and digits[:17].isdigit():
        return {"id_number": digits}
    if len(digits) in (11, 12) and digits.isdigit() and digits[0] in "01":
        return {"phone": digits}
    if any(character.isdigit() for character in typed):
        return {"file_number": typed}
    return {"name": typed} if typed else {}
