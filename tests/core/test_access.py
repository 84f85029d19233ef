"""One predicate for lists and objects: the query and its Python mirror always agree."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Q
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from chengyun.core.access import Clause, Scope, compile_grants, scope_of
from chengyun.core.actions import AxisConflict, grant_role, revoke_grant
from chengyun.core.actor import Actor
from chengyun.core.events import event
from chengyun.core.models import AuditEntry, DomainEvent, Grant, Organisation, Role, User

AREAS, ORGS, MATTERS = ["city", "d1", "d2"], ["A", "B"], ["e:01", "e:01001", "e:02"]


def subsets(of: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(of), unique=True)


clauses = st.builds(
    Clause,
    roles=st.frozensets(st.sampled_from(list(Role)), min_size=1, max_size=2),
    area=st.none() | st.sampled_from(AREAS),
    org=st.none() | st.sampled_from(ORGS),
    # Padded with codes of no row: few and many matters are asked in two different ways.
    matters=st.none()
    | st.tuples(subsets(MATTERS), st.sampled_from([0, 170])).map(
        lambda drawn: (*drawn[0], *(f"x:{n:05}" for n in range(drawn[1])))
    ),
)
scopes = st.lists(clauses, max_size=4).map(lambda made: Scope(1, tuple(made)))


@pytest.fixture
def protected_rows(db: None) -> list[DomainEvent]:
    """Every combination of the codes, so that any difference between the two shows."""
    DomainEvent.objects.bulk_create(
        event(kind="t", subject_type="t", subject_id="1", scope=(areas, orgs, matters))
        for areas in ([], ["city"], ["city", "d1"], ["city", "d2"])
        for orgs in ([], ["A"], ["A", "B"])
        for matters in ([], ["e:01"], ["e:01", "e:01001"], ["e:02"])
    )
    return list(DomainEvent.objects.filter(kind="t"))


@given(scope=scopes)
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_the_query_the_sql_and_the_object_check_agree(
    protected_rows: list[DomainEvent], scope: Scope
) -> None:
    admitted = {
        row.pk
        for row in protected_rows
        if scope.admits(row.scope_areas, row.scope_orgs, row.scope_matters)
    }
    rows = DomainEvent.objects.filter(kind="t")
    assert set(rows.filter(scope.as_q()).values_list("pk", flat=True)) == admitted
    sql, params = scope.as_sql("e")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM core_domainevent e WHERE kind = 't' AND {sql}", params)
        assert {row[0] for row in cursor.fetchall()} == admitted


def test_an_unlimited_scope_stays_unlimited_when_combined(protected_rows) -> None:
    everything = Scope.everything()
    rows = DomainEvent.objects.filter(kind="t")
    assert rows.filter(everything.as_q() | Q(subject_id="other")).count() == len(protected_rows)


def test_no_grant_reaches_nothing(protected_rows, make_user) -> None:
    scope = scope_of(make_user("nobody"))
    assert not DomainEvent.objects.filter(scope.as_q()).exists()
    assert not scope.admits(["city"], ["A"], ["e:01"])
    assert scope.roles() == frozenset()


def test_170_subclasses_are_one_clause_and_one_statement(
    make_user, django_assert_num_queries
) -> None:
    user = make_user("li")
    Grant.objects.bulk_create(
        Grant(user=user, role=Role.ACCEPTOR, area_code="d1", matter_code=f"gb:{n:05}")
        for n in range(170)
    )
    with django_assert_num_queries(1):
        scope = scope_of(user)
        assert scope_of(user) is scope
    assert len(scope.clauses) == 1
    assert len(scope.clauses[0].matters or ()) == 170


def test_a_department_is_bound_to_its_organisation(make_user, organisation) -> None:
    inside = make_user("inside", Role.DEPARTMENT, organisation=organisation)
    outside = make_user("outside", Role.DEPARTMENT)
    assert scope_of(inside).admits(["city"], ["A"], ["e:01"])
    assert not scope_of(inside).admits(["city"], ["B"], ["e:01"])
    assert scope_of(outside).clauses == ()


def test_a_grant_names_another_organisation_than_ones_own(make_user, organisation, system) -> None:
    other = Organisation.objects.create(code="B", name_zh="区局", path="/B/", ancestors=["B"])
    user = make_user("lent", organisation=organisation)
    grant_role(actor=system, user=user, role=Role.HANDLER, organisation=other)
    assert scope_of(user).admits([], ["B"], [])
    assert not scope_of(user).admits([], ["A"], [])


def test_other_posts_are_not_bound_to_an_organisation(make_user, organisation) -> None:
    user = make_user("dispatcher", Role.DISPATCHER, organisation=organisation)
    assert scope_of(user).admits(["city"], ["B"], ["e:01"])


def test_an_administrator_does_not_see_the_citys_matters(administrator, protected_rows) -> None:
    scope = scope_of(administrator)
    assert scope.roles() == {Role.ADMINISTRATOR}
    assert not DomainEvent.objects.filter(scope.as_q()).exists()


def test_roles_narrow_a_scope() -> None:
    scope = compile_grants(1, [("leader", "", "", None, None), ("evaluator", "d1", "", None, None)])
    assert scope.admits(["city"], [], [])
    narrow = scope.for_roles({Role.EVALUATOR})
    assert narrow.roles() == {Role.EVALUATOR}
    assert not narrow.admits(["city"], [], [])
    assert narrow.admits(["city", "d1"], [], [])


def test_a_grant_holds_only_in_its_period(make_user, system) -> None:
    now = timezone.now()
    user = make_user("temp")
    for role, begin, end in (
        (Role.LEADER, now - timedelta(days=2), now - timedelta(days=1)),
        (Role.DATA_MANAGER, now + timedelta(days=1), None),
        (Role.ACCEPTOR, now - timedelta(days=1), now + timedelta(days=1)),
    ):
        grant_role(actor=system, user=user, role=role, valid_from=begin, valid_until=end)
    assert scope_of(user).roles() == {Role.ACCEPTOR}


@pytest.mark.parametrize(
    ("held", "wanted"),
    [
        (Role.DISPATCHER, Role.SHIFT_LEADER),
        (Role.COLLECTOR, Role.HANDLER),
        (Role.DEPARTMENT, Role.EVALUATOR),
        (Role.HANDLER, Role.DISPATCHER),
    ],
)
def test_nobody_holds_posts_of_two_axes(make_user, system, held: Role, wanted: Role) -> None:
    user = make_user("two", held)
    with pytest.raises(AxisConflict):
        grant_role(actor=system, user=user, role=wanted)
    assert list(user.grants.values_list("role", flat=True)) == [held]


def test_an_axis_is_free_again_when_the_post_is_gone(make_user, system) -> None:
    user = make_user("moved", Role.DISPATCHER)
    revoke_grant(actor=system, grant=user.grants.get())
    grant_role(actor=system, user=user, role=Role.ACCEPTOR)
    assert scope_of(user).roles() == {Role.ACCEPTOR}


def test_posts_beside_the_axes_go_with_any(make_user) -> None:
    user = make_user("lead", Role.DISPATCHER, Role.LEADER, Role.ADMINISTRATOR)
    assert user.grants.count() == 3


def test_giving_the_same_post_again_changes_nothing(make_user, system) -> None:
    user = make_user("same", Role.ACCEPTOR)
    before = AuditEntry.objects.count()
    grant_role(actor=system, user=user, role=Role.ACCEPTOR)
    assert user.grants.count() == 1
    assert AuditEntry.objects.count() == before


def test_only_administrators_give_posts(make_user: Callable[..., User]) -> None:
    from chengyun.core.problems import Forbidden

    leader = make_user("leader", Role.LEADER)
    with pytest.raises(Forbidden):
        grant_role(actor=Actor.of(leader), user=leader, role=Role.ADMINISTRATOR)
    assert scope_of(leader).roles() == {Role.LEADER}
