"""How pieces hang together: the kinds of links, each read from the piece that came later to the one it is about.

A step of its own that ties pieces in another way declares a StrEnum like this one in its package.
"""

from enum import StrEnum


class Tie(StrEnum):
    """Kinds of links, in the order in which a cycle brings them."""

    ANSWERS = "answers"
    AGREES = "agrees with"
    RESTATES = "restates"
    CONFIRMS = "answers to"
    INTO = "merged into"
    ASKED_INTO = "asked into"
    LET_INTO = "let into"
    MADE_BY = "made by"
    BUILT_FROM = "built from"
    WHY = "why"
    FOR = "for"
    ABOUT = "about"
    WEIGHS = "weighs"
    EVIDENCE_OF = "evidence of"
    EXPLAINS = "explains"
    RIVAL_OF = "rival of"
    EXPLAINED_BY = "explained by"
    CONSIDERED = "considered"
    BESIDE = "beside"
    ADOPTED_FROM = "adopted from"
    FOLLOWS_FROM = "follows from"
    JOINS = "joins"
    REALISES = "realises"
    OWNS = "owns"
    BUDDIES = "buddies"
    FREED = "freed"
    ASKS_FOR = "asks for"
    WITHOUT = "goes on without"
    SAID_OF = "said of"
    ENDS = "ends"
    CHOSEN = "chosen"
    LEARNED_FROM = "learned from"
