"""An address that does not exist leads on, in the language of who asked."""

import pytest
from django.test import Client


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"), [("zh-CN", "没有这个页面"), ("en-GB", "No such page")]
)
def test_an_unknown_page_says_where_to_go(language: str, words: str) -> None:
    answer = Client().get("/nothing/here", headers={"accept-language": language})
    assert answer.status_code == 404
    page = answer.content.decode()
    assert words in page
    assert 'href="/desk"' in page
