"""Owns what values are called and how they are shown: words in French and English, and pictures.

Does not own what they mean: every figure said or drawn is one of the value's own. It knows no web
framework and no template: it gives texts.
"""

from chatim_plans.foundation.languages import Language
from chatim_plans.words.amounts import money_text, number_text
from chatim_plans.words.dates import date_text, instant_text, period_text
from chatim_plans.words.drawings import matrix_svg, timeline_svg
from chatim_plans.words.explaining import explain
from chatim_plans.words.messages import Level, Message
from chatim_plans.words.notebooks import html
from chatim_plans.words.page import (
    Badge,
    Colour,
    PlanCard,
    TermsInWords,
    badge,
    payment_method_text,
    plan_cards,
    terms_in_words,
)
from chatim_plans.words.saying import Sayable, say
from chatim_plans.words.timelines import Span, Timeline, timeline

__all__ = [
    "say",
    "Sayable",
    "Message",
    "Level",
    "Language",
    "explain",
    "money_text",
    "number_text",
    "date_text",
    "instant_text",
    "period_text",
    "badge",
    "Badge",
    "Colour",
    "plan_cards",
    "PlanCard",
    "terms_in_words",
    "TermsInWords",
    "payment_method_text",
    "timeline",
    "Timeline",
    "Span",
    "timeline_svg",
    "matrix_svg",
    "html",
]
