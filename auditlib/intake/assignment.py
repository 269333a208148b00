"""The best one-to-one assignment of rows to columns, for tables as small as a ledger's head."""

from __future__ import annotations

from collections.abc import Sequence


def best_pairs(gain: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """(row, column) pairs with the greatest total gain: every row gets a column, or every column a row, whichever are fewer.

    `gain` is a full matrix, one sequence a row. Shortest augmenting paths with potentials (Kuhn 1955; Jonker and Volgenant 1987),
    in about rows² × columns steps: no numerical library has to be loaded to read one small file.
    """
    if not gain or not gain[0]:
        return []
    if len(gain) > len(gain[0]):
        return sorted((row, column) for column, row in best_pairs(list(zip(*gain, strict=True))))
    width = len(gain[0])
    row_price, column_price = [0.0] * (len(gain) + 1), [0.0] * (width + 1)
    owner = [0] * (width + 1)  # 1-based row that has a column; column 0 stands for the row that looks for one
    for row in range(1, len(gain) + 1):
        owner[0] = row
        _give(gain, row_price, column_price, owner)
    return sorted((row - 1, column - 1) for column, row in enumerate(owner) if column and row)


def _give(gain: Sequence[Sequence[float]], row_price: list[float], column_price: list[float], owner: list[int]) -> None:
    """Finds the cheapest chain of exchanges that ends in a free column, and carries it out."""
    width = len(column_price)
    least, came_from, done = [float("inf")] * width, [0] * width, [False] * width
    column = 0
    while True:
        done[column] = True
        row, step, following = owner[column], float("inf"), 0
        for j in range(1, width):
            if done[j]:
                continue
            cost = -gain[row - 1][j - 1] - row_price[row] - column_price[j]
            if cost < least[j]:
                least[j], came_from[j] = cost, column
            if least[j] < step:
                step, following = least[j], j
        for j in range(width):
            if done[j]:
                row_price[owner[j]] += step
                column_price[j] -= step
            else:
                least[j] -= step
        column = following
        if not owner[column]:
            break
    while column:
        owner[column] = owner[came_from[column]]
        column = came_from[column]
