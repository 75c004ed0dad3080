"""The page over HTTP: `/{account}?lang=fr|en`, and who may open it.

`role` stands in the address because the example signs nobody in; yours is the member's own.
"""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse

from chatim_plans import Role, can_manage_billing, notices
from chatim_plans.words import Language, say

from .accounts import NAMES, statement_of
from .page import billing_page, sentence_page

app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)


@app.get("/")
def first() -> RedirectResponse:
    """The first account."""
    return RedirectResponse(f"/{NAMES[0]}")


@app.get("/{name}")
def page(name: str, lang: Language = Language.fr, role: Role = Role.admin) -> HTMLResponse:
    """The billing page of an account, or a sentence that says why there is none."""
    if name not in NAMES:
        return _answer(sentence_page("not_found", lang, NAMES[0]), HTTPStatus.NOT_FOUND)
    statement = statement_of(name)
    if not can_manage_billing(role):
        facts = statement.account.subscription
        shown = tuple(say(notice, lang) for notice in notices(facts, facts.as_of))
        return _answer(sentence_page("not_admin", lang, name, shown), HTTPStatus.FORBIDDEN)
    return _answer(billing_page(statement, lang, name))


@app.exception_handler(RequestValidationError)
def not_understood(request: Request, error: RequestValidationError) -> HTMLResponse:
    """A language or a role that there is not; in the language asked for, if it is one."""
    del error
    asked = request.query_params.get("lang")
    lang = Language.en if asked == Language.en else Language.fr
    said = sentence_page("not_understood", lang, NAMES[0])
    return _answer(said, HTTPStatus.UNPROCESSABLE_ENTITY)


def _answer(text: str, status: HTTPStatus = HTTPStatus.OK) -> HTMLResponse:
    return HTMLResponse(text, status)
