"""The LMS's own addresses, laid out as Moodle's are (lti.md, section 2)."""

from dataclasses import dataclass
from urllib.parse import urlencode

from lti_tool.demo.model import Column, ToolRegistration

LTI_PATH = "/mod/lti"
SERVICES_PATH = f"{LTI_PATH}/services.php"


@dataclass(frozen=True)
class Addresses:
    """`issuer` is the site's address without a slash at the end, Moodle's wwwroot."""

    issuer: str

    def _lti(self, page: str, **query: str) -> str:
        asked = f"?{urlencode(query)}" if query else ""
        return f"{self.issuer}{LTI_PATH}/{page}{asked}"

    @property
    def configuration(self) -> str:
        """Where the OpenID configuration is."""
        return self._lti("openid-configuration.php")

    @property
    def registration(self) -> str:
        """The dynamic registration endpoint."""
        return self._lti("openid-registration.php")

    @property
    def auth(self) -> str:
        """The OpenID Connect authorization endpoint."""
        return self._lti("auth.php")

    @property
    def token(self) -> str:
        """The token endpoint, which is also the audience of an assertion."""
        return self._lti("token.php")

    @property
    def jwks(self) -> str:
        """The LMS's public keys."""
        return self._lti("certs.php")

    def deep_link_return(self, course_id: str, tool: ToolRegistration, sesskey: str) -> str:
        """Where a deep linking response goes; the sesskey names the request (as recorded)."""
        return self._lti("contentitem_return.php", course=course_id, id=tool.deployment_id, sesskey=sesskey)

    def launch_return(self, course_id: str, activity_id: str, target: str, sesskey: str) -> str:
        """The return_url of a launch; its sesskey is a secret of the person's session (M10)."""
        container = "4" if target == "window" else "3"
        return self._lti(
            "return.php",
            course=course_id,
            launch_container=container,
            instanceid=activity_id,
            sesskey=sesskey,
        )

    def lineitems(self, course_id: str, tool: ToolRegistration) -> str:
        """The line item container of a course."""
        return f"{self.issuer}{SERVICES_PATH}/{course_id}/lineitems?type_id={tool.deployment_id}"

    def lineitem(self, column: Column, tool: ToolRegistration, part: str = "") -> str:
        """A line item; `part` is "/scores" or "/results", which precede the query (AGS 3.4)."""
        return (
            f"{self.issuer}{SERVICES_PATH}/{column.course_id}/lineitems/{column.id}/lineitem{part}"
            f"?type_id={tool.deployment_id}"
        )

    def memberships(self, course_id: str, tool: ToolRegistration) -> str:
        """The roster of a course."""
        return f"{self.issuer}{SERVICES_PATH}/CourseSection/{course_id}/bindings/{tool.deployment_id}/memberships"
