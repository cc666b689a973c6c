"""A client of the sidecar, after the Python page of the Entra SDK's documentation."""

import json
import os
from typing import Any, Dict, List, Optional

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry


class DownstreamFailure(Exception):
    """The downstream API answered with an error."""

    def __init__(self, status: int, content: Optional[str]):
        super().__init__(f"API error {status}: {content}")
        self.status = status


class SidecarClient:
    """Passes the caller's token on, and gets headers and answers of downstream APIs for it."""

    def __init__(self, base_url: Optional[str] = None, timeout: int = 10, session: Any = requests):
        self.base_url = base_url or os.getenv("SIDECAR_URL", "http://localhost:5000")
        self.timeout = timeout
        self.session = session

    def get_authorization_header(
        self,
        incoming_token: str,
        service_name: str,
        scopes: Optional[List[str]] = None,
        tenant: Optional[str] = None,
        agent_identity: Optional[str] = None,
        agent_username: Optional[str] = None,
    ) -> str:
        optional = {
            "optionsOverride.Scopes": scopes,
            "optionsOverride.AcquireTokenOptions.Tenant": tenant,
            "AgentIdentity": agent_identity,
            "AgentUsername": agent_username,
        }
        response = self.session.get(
            f"{self.base_url}/AuthorizationHeader/{service_name}",
            params={name: value for name, value in optional.items() if value},
            headers={"Authorization": incoming_token},
            timeout=self.timeout,
        )
        response.raise_for_status()
        return response.json()["authorizationHeader"]

    def call_downstream_api(
        self,
        incoming_token: str,
        service_name: str,
        relative_path: str,
        method: str = "GET",
        body: Optional[Dict[str, Any]] = None,
        scopes: Optional[List[str]] = None,
    ) -> Any:
        params: Dict[str, Any] = {"optionsOverride.RelativePath": relative_path}
        if method != "GET":
            params["optionsOverride.HttpMethod"] = method
        if scopes:
            params["optionsOverride.Scopes"] = scopes
        response = self.session.request(
            method,
            f"{self.base_url}/DownstreamApi/{service_name}",
            params=params,
            headers={"Authorization": incoming_token},
            json=body if body else None,
            timeout=self.timeout,
        )
        response.raise_for_status()
        answer = response.json()
        if answer["statusCode"] >= 400:
            raise DownstreamFailure(answer["statusCode"], answer["content"])
        return json.loads(answer["content"]) if answer["content"] else None


def retrying_session() -> requests.Session:
    """A session that keeps its connections and retries what is transient."""
    session = requests.Session()
    retry = Retry(total=3, backoff_factor=0.3, status_forcelist=[500, 502, 503, 504])
    session.mount("http://", HTTPAdapter(max_retries=retry))
    return session
