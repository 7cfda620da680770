"""The names that LTI 1.3 and its services put on the wire."""

from typing import Any, Final

Json = dict[str, Any]

CLAIM: Final = "https://purl.imsglobal.org/spec/lti/claim/"
DL_CLAIM: Final = "https://purl.imsglobal.org/spec/lti-dl/claim/"
AGS_CLAIM: Final = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
NRPS_CLAIM: Final = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
TOOL_CONFIGURATION: Final = "https://purl.imsglobal.org/spec/lti-tool-configuration"
PLATFORM_CONFIGURATION: Final = "https://purl.imsglobal.org/spec/lti-platform-configuration"

RESOURCE_LINK: Final = "LtiResourceLinkRequest"
DEEP_LINKING: Final = "LtiDeepLinkingRequest"
DEEP_LINKING_RESPONSE: Final = "LtiDeepLinkingResponse"

MEMBERSHIP: Final = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
INSTITUTION_ADMIN: Final = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"
SYSTEM_ADMIN: Final = "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator"

LINE_ITEM: Final = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
LINE_ITEM_READONLY: Final = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly"
RESULT_READONLY: Final = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
SCORE: Final = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
MEMBERSHIP_READONLY: Final = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
AGS_SCOPES: Final = (LINE_ITEM, LINE_ITEM_READONLY, RESULT_READONLY, SCORE)
SCOPES: Final = (*AGS_SCOPES, MEMBERSHIP_READONLY)

LINE_ITEM_TYPE: Final = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS_TYPE: Final = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE_TYPE: Final = "application/vnd.ims.lis.v1.score+json"
RESULTS_TYPE: Final = "application/vnd.ims.lis.v2.resultcontainer+json"
MEMBERS_TYPE: Final = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"

# Short names for Platform.claims(..., roles=[...]), so that a test reads as a sentence.
CLAIM_NAMES: Final = {
    name: CLAIM + name
    for name in (
        "context",
        "custom",
        "deployment_id",
        "ext",
        "for_user",
        "launch_presentation",
        "lis",
        "message_type",
        "resource_link",
        "roles",
        "target_link_uri",
        "tool_platform",
        "version",
    )
} | {
    "ags": AGS_CLAIM,
    "nrps": NRPS_CLAIM,
    "deep_linking_settings": DL_CLAIM + "deep_linking_settings",
}
