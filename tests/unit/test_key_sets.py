"""Key sets as platforms publish them: one key's fault is no fault of the others (O6, S10, S17)."""

import json
from typing import Any

import jwt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from lti_tool.lti.key_sets import ALGORITHMS, parse_key_set, read_key_set
from tests.lti.sender import another_key, ec_key, our_key

GOOD = our_key().jwk()
OTHER = another_key().jwk()
PRIVATE = RSAAlgorithm.to_jwk(our_key().private, as_dict=True)

# What one key says beside what it must -> whether it can verify.
ODD: dict[str, tuple[dict[str, Any], bool]] = {
    "use is null": ({"use": None}, True),
    "use is empty": ({"use": ""}, True),
    "use is a list": ({"use": ["sig"]}, True),
    "use is a number": ({"use": 5}, True),
    "use is to encrypt": ({"use": "enc"}, False),
    "d is null": ({"d": None}, True),
    "all that is private is null": (dict.fromkeys(("d", "p", "q", "dp", "dq", "qi", "oth")), True),
    "all of a certificate is null": (dict.fromkeys(("x5u", "x5c", "x5t", "x5t#S256")), True),
    "the private half is there": (PRIVATE, True),
    "alg is null": ({"alg": None}, True),
    "alg is empty": ({"alg": ""}, True),
    "alg is a list": ({"alg": ["RS256"]}, True),
    "alg is to encrypt": ({"alg": "RSA-OAEP"}, False),
    "alg is HMAC": ({"alg": "HS256"}, False),
    "key_ops is null": ({"key_ops": None}, True),
    "members of an elliptic curve are null": (dict.fromkeys(("crv", "x", "y", "k")), True),
    "members nobody knows": ({"kid2": {}, "": None, "exp": 1e999}, True),
    "n is null": ({"n": None}, False),
    "n is a number": ({"n": 5}, False),
    "n is empty": ({"n": ""}, False),
    "n is no base64": ({"n": "é"}, False),
    "n is cut off": ({"n": "A"}, False),
    "e is null": ({"e": None}, False),
    "e is zero": ({"e": "AA"}, False),
    "kty is null": ({"kty": None}, False),
    "kty is a curve's": ({"kty": "EC", "crv": "P-256"}, False),
    "kid is null": ({"kid": None}, False),
    "kid is a number": ({"kid": 5}, False),
    "kid is empty": ({"kid": ""}, False),
}


def _verifies(key_set: Any, kid: str) -> bool:
    token = jwt.encode({"a": 1}, our_key().private, "RS256", {"kid": kid})
    key = parse_key_set(key_set).get(kid)
    return key is not None and jwt.decode(token, key.key, algorithms=key.algorithms) == {"a": 1}


@pytest.mark.parametrize(("said", "good"), ODD.values(), ids=ODD)
@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
def test_o6_one_keys_fault_is_no_fault_of_the_others(said: dict[str, Any], good: bool, first: bool) -> None:
    odd = {**GOOD, "kid": "odd", **said}
    members = [odd, GOOD, OTHER] if first else [GOOD, OTHER, odd]
    found = parse_key_set({"keys": members})
    assert {GOOD["kid"], OTHER["kid"]} <= set(found)
    assert len(found) == 2 + good
    assert _verifies({"keys": members}, GOOD["kid"])
    assert _verifies({"keys": members}, odd["kid"]) is good if good else odd["kid"] not in found


@pytest.mark.parametrize(
    "encrypts", [{"use": "enc"}, {"alg": "RSA-OAEP"}, {"use": "enc", "alg": "RSA-OAEP-256"}], ids=str
)
@pytest.mark.parametrize("first", [True, False], ids=["before", "after"])
def test_o6_of_two_keys_under_one_kid_the_one_that_signs_counts(encrypts: dict[str, str], first: bool) -> None:
    other = {**OTHER, "kid": GOOD["kid"], **encrypts}
    if "use" not in encrypts:
        other.pop("use", None)
    assert _verifies({"keys": [other, GOOD] if first else [GOOD, other]}, GOOD["kid"])


@pytest.mark.parametrize("bits", [256, 384, 512])
def test_s17_a_curve_serves_for_its_own_algorithm_with_nulls_beside_it(bits: int) -> None:
    private, public = ec_key(bits)
    member = {**public, "d": None, "n": None, "e": None, "alg": None, "use": None}
    key = parse_key_set({"keys": [member]})[public["kid"]]
    assert key.algorithms == (f"ES{bits}",)
    token = jwt.encode({"a": 1}, private, f"ES{bits}")
    assert jwt.decode(token, key.key, algorithms=key.algorithms) == {"a": 1}
    assert parse_key_set({"keys": [{**ECAlgorithm.to_jwk(private, as_dict=True), "kid": "x"}]})["x"].key != private


@pytest.mark.parametrize(
    "answer", [None, [], "", 5, {}, {"keys": None}, {"keys": {}}, {"keys": "x"}, {"keys": [None, [], 5]}], ids=repr
)
def test_what_is_no_key_set_holds_no_keys(answer: Any) -> None:
    assert not parse_key_set(answer)
    assert read_key_set(answer) == {"keys": []}


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(codec=None), max_size=9)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)
NAMES = st.sampled_from(["kty", "kid", "use", "alg", "key_ops", "n", "e", "d", "p", "crv", "x", "y", "k", "x5c"])
WORDS = st.sampled_from(
    ["RSA", "EC", "OKP", "oct", "P-256", "P-521", "secp256k1", "Ed25519", "sig", "AQAB", "AA", "", *ALGORITHMS]
)


@given(changes=st.lists(st.dictionaries(NAMES, st.one_of(JSON, WORDS), max_size=5), max_size=4), curve=st.booleans())
@example(changes=[{"n": "\ud800"}], curve=False)
@example(changes=[{"x": "AA"}], curve=True)
def test_o6_whatever_other_keys_say_a_good_one_verifies_and_the_set_can_be_kept(
    changes: list[dict[str, Any]], curve: bool
) -> None:
    base = ec_key(256)[1] if curve else OTHER
    key_set = {"keys": [GOOD, *({**base, **change} for change in changes)]}
    assert _verifies(key_set, GOOD["kid"])
    kept = json.loads(json.dumps(read_key_set(key_set), allow_nan=False))
    assert set(parse_key_set(kept)) == set(parse_key_set(key_set))


@given(answer=JSON)
def test_whatever_is_answered_as_a_key_set_is_read(answer: Any) -> None:
    assert not parse_key_set(answer)
    assert not parse_key_set({"keys": answer})
