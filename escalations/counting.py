"""How many of something, in words."""


def counted(n: int, one: str, many: str = "") -> str:
    """`1 case`, `1,200 cases`; `many` where it is not `one` with an s."""
    return f"{n:,} {one if n == 1 else many or f'{one}s'}"
