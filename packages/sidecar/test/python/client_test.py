"""What the client gets of a sidecar. The tokens come by the environment."""

import base64
import json
import os
import unittest

import requests
from sidecar_client import DownstreamFailure, SidecarClient, retrying_session

USER = f"Bearer {os.environ['USER_TOKEN']}"
APP = f"Bearer {os.environ['APP_TOKEN']}"
AGENT = os.environ["AGENT_IDENTITY"]
AGENT_USERNAME = os.environ["AGENT_USERNAME"]


def claims_of(header: str) -> dict:
    payload = header.removeprefix("Bearer ").split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


class ClientTest(unittest.TestCase):
    def setUp(self):
        self.client = SidecarClient()

    def test_header_on_behalf_of_the_user(self):
        claims = claims_of(self.client.get_authorization_header(USER, "Graph"))
        self.assertEqual(claims["idtyp"], "user")

    def test_header_with_a_list_of_scopes_and_a_tenant(self):
        header = self.client.get_authorization_header(
            USER, "Graph", scopes=["User.Read", "Mail.Read"], tenant=os.environ["TENANT"]
        )
        self.assertLessEqual({"User.Read", "Mail.Read"}, set(claims_of(header)["scp"].split()))

    def test_header_of_an_agent(self):
        self.assertEqual(claims_of(self.client.get_authorization_header(APP, "Graph", agent_identity=AGENT))["oid"], AGENT)

    def test_header_of_an_agent_user(self):
        header = self.client.get_authorization_header(
            APP, "Graph", agent_identity=AGENT, agent_username=AGENT_USERNAME
        )
        self.assertEqual(claims_of(header)["oid"], os.environ["AGENT_USER"])

    def test_get(self):
        self.assertEqual(self.client.call_downstream_api(USER, "Graph", "me")["displayName"], "Adele Vance")

    def test_get_with_a_query_in_the_path(self):
        self.assertIn("value", self.client.call_downstream_api(USER, "Graph", "me/messages?$top=10"))

    def test_post(self):
        body = {
            "message": {
                "subject": "From Python",
                "body": {"contentType": "Text", "content": "Hello"},
                "toRecipients": [{"emailAddress": {"address": "ben@contoso.example"}}],
            }
        }
        self.assertIsNone(self.client.call_downstream_api(USER, "Graph", "me/sendMail", method="POST", body=body))

    def test_downstream_error(self):
        with self.assertRaises(DownstreamFailure) as caught:
            self.client.call_downstream_api(USER, "Graph", "users/nobody@contoso.example", scopes=["User.ReadBasic.All"])
        self.assertEqual(caught.exception.status, 404)

    def test_refusals_are_problems(self):
        cases = [
            (401, "/Validate", None),
            (401, "/Validate", os.environ["USER_TOKEN"]),
            (400, "/AuthorizationHeader/Nowhere", USER),
            (400, f"/AuthorizationHeader/Graph?AgentUsername={AGENT_USERNAME}", USER),
            (401, "/AuthorizationHeader/Graph?optionsOverride.Scopes=Application.Read.All", USER),
        ]
        for status, path, authorization in cases:
            with self.subTest(path):
                headers = {"Authorization": authorization} if authorization else {}
                response = requests.get(f"{self.client.base_url}{path}", headers=headers, timeout=10)
                self.assertEqual(response.status_code, status)
                self.assertTrue(response.headers["Content-Type"].startswith("application/problem+json"))
                self.assertEqual(response.json()["status"], status)
        with self.assertRaises(requests.HTTPError):
            self.client.get_authorization_header(USER, "Nowhere")

    def test_validate(self):
        response = requests.get(f"{self.client.base_url}/Validate", headers={"Authorization": USER}, timeout=10)
        self.assertEqual(set(response.json()), {"protocol", "token", "claims"})


class RetryTest(unittest.TestCase):
    """Entra fails for longer than the sidecar tries, and not for longer than the client does."""

    def test_a_session_with_retries_outlasts_an_outage(self):
        emulator = os.environ["EMULATOR_URL"]
        fault = {"kind": "status", "status": 503, "match": {"endpoint": "token"}, "times": 1}
        for _ in range(int(os.environ["OUTAGE"])):
            requests.post(f"{emulator}/_emulator/faults", json=fault, timeout=10).raise_for_status()
        plain = SidecarClient().base_url + "/AuthorizationHeader/Graph?optionsOverride.AcquireTokenOptions.ForceRefresh=true"
        self.assertEqual(requests.get(plain, headers={"Authorization": USER}, timeout=30).status_code, 503)
        session = retrying_session()
        self.assertEqual(session.get(plain, headers={"Authorization": USER}, timeout=30).status_code, 200)


if __name__ == "__main__":
    unittest.main()
