"""Names of spreadsheet cells."""

from __future__ import annotations


def column_letters(index: int) -> str:
    """Spreadsheet letters of a 0-based column: 0 -> A, 26 -> AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    """The 0-based column of spreadsheet letters: A -> 0, AA -> 26. Raises ValueError for anything but A to Z."""
    index = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            raise ValueError(f"'{letters}' names no spreadsheet column")
        index = index * 26 + ord(letter) - 64
    return index - 1
