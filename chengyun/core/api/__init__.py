"""HTTP of core: thin, parse → action or query → schema."""

from ninja import Router

from . import attachments, calendars, oversight, people, preferences, tokens

router = Router()
router.add_router("", people.router, tags=["people"])
router.add_router("", preferences.router, tags=["people"])
router.add_router("", tokens.router, tags=["tokens"])
router.add_router("", calendars.router, tags=["calendars"])
router.add_router("", attachments.router, tags=["attachments"])
router.add_router("", oversight.router, tags=["oversight"])
