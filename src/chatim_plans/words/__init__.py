"""Owns what values are called and how they are shown: words in French and English, and pictures.

Does not own what they mean: every figure said or drawn is one of the value's own. It knows no web
framework and no template: it gives texts.
"""

from chatim_plans.words.amounts import money_text, number_text
from chatim_plans.words.dates import date_text, instant_text, period_text
from chatim_plans.words.explaining import explain
from chatim_plans.words.messages import Level, Message
from chatim_plans.words.page import (
    Badge,
    Colour,
    PlanCard,
    TermsInWords,
    badge,
    plan_cards,
    terms_in_words,
)
from chatim_plans.words.saying import say

__all__ = [
    "say",
    "Message",
    "Level",
    "explain",
    "badge",
    "Badge",
    "Colour",
    "plan_cards",
    "PlanCard",
    "terms_in_words",
    "TermsInWords",
    "money_text",
    "number_text",
    "date_text",
    "instant_text",
    "period_text",
]
