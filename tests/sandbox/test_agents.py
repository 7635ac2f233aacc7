from __future__ import annotations

import pytest

from reconciler.sandbox.clock import read
from tests.sandbox.api import OTHER_TRUNK, TRUNK, Api, agent, answered, bearer, webhook


def test_a_created_agent_is_read_back_whole(api: Api) -> None:
    made = api.create(name="Desk", enable_interruptions=False)
    assert api.get(made["id"]) == made
    assert made["enable_interruptions"] is False
    assert made["created_at"] == made["updated_at"] == read(made["created_at"])
    assert made["deleted_at"] is None


def test_the_list_is_a_bare_array_in_creation_order_whatever_is_asked(api: Api) -> None:
    made = [api.create(name=name) for name in ("b", "a", "c")]
    api.patch(made[0]["id"], greeting="Later")
    listed = answered(api.call("GET", "/v1/agents?limit=1&offset=2&name=a"))
    assert [one["name"] for one in listed] == ["b", "a", "c"]
    assert listed[1:] == made[1:]


def test_a_thousand_agents_are_listed(api: Api) -> None:
    for start in range(0, 1000, 100):
        api.calls([("POST", "/v1/agents", agent(name=f"a{start + n}")) for n in range(100)])
    listed = api.list()
    assert len({one["id"] for one in listed}) == 1000


def test_a_name_is_unique_in_its_organisation(api: Api) -> None:
    api.create(name="Desk")
    assert api.refused(409, name="Desk") == "Agent with name 'Desk' already exists"
    other = api.create(name="desk")
    response = api.call("PATCH", f"/v1/agents/{other['id']}", {"name": "Desk"})
    assert response.status_code == 409
    assert api.get(other["id"]) == other


def test_of_creates_sent_at_once_with_one_name_one_wins(api: Api) -> None:
    responses = api.calls([("POST", "/v1/agents", agent())] * 8)
    assert sorted(response.status_code for response in responses) == [201] + [409] * 7


def test_an_agent_keeps_its_own_name_and_trunk(api: Api) -> None:
    made = api.create(sip_inbound_trunk_id=TRUNK)
    assert api.put(made["id"], sip_inbound_trunk_id=TRUNK, greeting="Hi")["greeting"] == "Hi"


def test_a_deleted_agent_is_gone_and_its_name_and_trunk_are_free(api: Api) -> None:
    made = api.create(sip_inbound_trunk_id=TRUNK)
    path = f"/v1/agents/{made['id']}"
    response = api.call("DELETE", path)
    assert (response.status_code, response.content) == (204, b"")
    assert api.list() == []
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        assert api.call(method, path, agent()).status_code == 404
    assert api.create(sip_inbound_trunk_id=TRUNK)["id"] != made["id"]


def test_an_inbound_trunk_belongs_to_one_agent(api: Api) -> None:
    api.create(name="first", sip_inbound_trunk_id=TRUNK)
    assert "assigned to another agent" in api.refused(409, sip_inbound_trunk_id=TRUNK)
    made = api.create(sip_inbound_trunk_id=OTHER_TRUNK, sip_outbound_trunk_id=TRUNK)
    response = api.call("PATCH", f"/v1/agents/{made['id']}", {"sip_inbound_trunk_id": TRUNK})
    assert response.status_code == 409


def test_another_organisation_s_trunks_are_its_own_affair(api: Api) -> None:
    api.create(sip_inbound_trunk_id=TRUNK)
    other = {"authorization": "Bearer slng_other"}
    body = agent(sip_inbound_trunk_id=TRUNK)
    assert api.call("POST", "/v1/agents", body, headers=other).status_code == 201


def test_a_duplicate_has_everything_but_the_inbound_connection(api: Api) -> None:
    made = api.create(
        sip_inbound_trunk_id=TRUNK,
        sip_outbound_trunk_id=OTHER_TRUNK,
        tools=[webhook(auth=bearer())],
        template_defaults={"shop": "Main St"},
    )
    copy = answered(api.call("POST", f"/v1/agents/{made['id']}/duplicate", {"name": "Copy"}), 201)
    own = {"id", "name", "created_at", "updated_at", "sip_inbound_trunk_id"}
    assert {field for field in made if made[field] != copy[field]} == own
    assert copy["sip_inbound_trunk_id"] is None
    auths = [api.stored(one["id"])["document"]["tools"][0]["auth"] for one in (made, copy)]
    assert auths[0] == auths[1]


@pytest.mark.parametrize("body", [{}, {"name": None}, {"name": "x" * 256}, {"name": "a", "b": 1}])
def test_a_duplicate_needs_a_name_and_nothing_else(api: Api, body: object) -> None:
    made = api.create()
    assert api.call("POST", f"/v1/agents/{made['id']}/duplicate", body).status_code == 422


def test_a_duplicate_needs_a_free_name(api: Api) -> None:
    made = api.create()
    response = api.call("POST", f"/v1/agents/{made['id']}/duplicate", {"name": "Desk"})
    assert response.status_code == 409
